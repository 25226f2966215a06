from portal.core.logs import hide_tokens


def test_token_of_a_download_link_is_hidden() -> None:
    event = {"request": "GET /my/files/s3cret-token_1/", "code": 200, "event": "see /desk/watch/abc/ now"}

    kept = hide_tokens(None, "info", event)

    assert kept == {"request": "GET /my/files/…/", "code": 200, "event": "see /desk/watch/…/ now"}


def test_other_addresses_stay_as_they_are() -> None:
    assert hide_tokens(None, "info", {"request": "GET /my/requests/abc/"}) == {
        "request": "GET /my/requests/abc/"
    }
