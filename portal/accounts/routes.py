"""The one list of addresses that answer a stranger. A test walks every URL against it."""

PUBLIC = frozenset(
    {
        "home",
        "healthz",
        "readyz",
        "security-txt",
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_request_login_code",
        "account_confirm_login_code",
        "mfa_authenticate",
        "intake:start",
        "intake:step",
        "intake:check",
        "correspondence:mail-events",
        "fees:stripe-webhook",
        "fees:public-schedule",
        "release:check",
        "release:verifier",
        "law:public",
        "clock:calculator",
        "clock:public-calendar",
        "transparency:log",
        "transparency:log-csv",
        "transparency:log-json",
        "transparency:accessibility",
    }
)

ENROLMENT = frozenset(
    {
        "mfa_activate_totp",
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "mfa_reauthenticate",
    }
)
"""What staff without a second factor may open: the way to get one, and the way out."""
