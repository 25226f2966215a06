"""The part of allauth's addresses that we offer: sign-in by code, by password and TOTP, and out."""

from allauth.account import views
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("password/change/", views.password_change, name="account_change_password"),
    # requesters have no password to change: allauth sends them here
    path("password/set/", RedirectView.as_view(pattern_name="home"), name="account_set_password"),
    # requesters have no password to change, and need none
    path("password/set/", RedirectView.as_view(pattern_name="home"), name="account_set_password"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    # nobody signs up by form: filing a request makes the account
    path("signup/", RedirectView.as_view(pattern_name="intake:start"), name="account_signup"),
    path("2fa/", include("allauth.mfa.urls")),
]
