"""Settings: what the environment says, and what the service refuses to start on."""

import pytest

from shared.config import UnsafeConfiguration, from_environment

SAFE = {
    "REDRESS_ENVIRONMENT": "production",
    "REDRESS_SECRET_KEY": "k" * 40,
    "REDRESS_BASE_URL": "https://complaints.landlord.example",
    "REDRESS_SMTP_HOST": "mail.landlord.example",
}


def test_safe_values_are_taken_as_they_stand() -> None:
    found = from_environment(SAFE)
    assert (found.environment, found.smtp_host) == ("production", "mail.landlord.example")
    assert found.data_dir.name == found.landlord, "each landlord keeps its own data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDRESS_ENVIRONMENT", "live"),
        ("REDRESS_SECRET_KEY", "short"),
        ("REDRESS_SECRET_KEY", ""),
        ("REDRESS_BASE_URL", "http://complaints.landlord.example"),
        ("REDRESS_SMTP_HOST", ""),
        ("REDRESS_SMTP_SECURITY", "none"),
        ("REDRESS_SMTP_SECURITY", "ssl"),
        ("REDRESS_PASSWORD_COST", "low"),
        ("REDRESS_NOTIFY_POST", "third"),
        ("REDRESS_NOTIFY_TEXT_TEMPLATE", "a-template-without-a-key"),
        ("REDRESS_STAFF_IDLE_MINUTES", "an hour"),
    ],
)
def test_a_value_that_would_do_harm_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(UnsafeConfiguration, match="REDRESS_"):
        from_environment(SAFE | {name: value})


def test_a_slash_at_the_end_of_our_address_is_not_doubled_in_links() -> None:
    found = from_environment(SAFE | {"REDRESS_BASE_URL": "https://complaints.landlord.example/"})
    assert found.base_url == "https://complaints.landlord.example"
