"""How an address stands in the audit without standing there."""

from django.utils.crypto import salted_hmac


def hash_of(email: str) -> str:
    """The same for the same address, and no way back without the clinic's key."""
    return salted_hmac("sign-in", email.strip().lower(), algorithm="sha256").hexdigest()[:16]
