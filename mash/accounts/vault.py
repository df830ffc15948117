"""How are secrets of the second factor kept? Encrypted with a key that is not in the database. Knows no table.

Fernet (AES-128-CBC and HMAC-SHA256), with a key for each user derived by HKDF from MASH_SECRET_KEY: a secret that is
copied into another user's row opens nothing.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mash.errors import Unsafe


class Vault:
    """Locks and unlocks with one installation's key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def locked(self, user_id: str, secret: str) -> str:
        """The secret as it may be stored in this user's row."""
        return self._of(user_id).encrypt(secret.encode()).decode()

    def unlocked(self, user_id: str, stored: str) -> str:
        """The secret. Raises Unsafe where it was stored with another key, or for another user."""
        try:
            return self._of(user_id).decrypt(stored.encode()).decode()
        except InvalidToken:
            raise Unsafe(
                "Your second factor cannot be read with the secret key of this installation. Tell whoever runs it."
            ) from None

    def can_unlock(self, user_id: str, stored: str) -> bool:
        """Whether it was stored with this key, for this user."""
        try:
            self.unlocked(user_id, stored)
        except Unsafe:
            return False
        return True

    def _of(self, user_id: str) -> Fernet:
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"mash second factor {user_id}".encode())
        return Fernet(urlsafe_b64encode(derivation.derive(self._key)))
