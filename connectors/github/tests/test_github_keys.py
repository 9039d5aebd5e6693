"""The App's key and what it signs, read back by a library the connector does not use."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub_github.keys import AppKeys, app_token

NOW = 1_700_000_000.9
PKCS1 = PrivateFormat.TraditionalOpenSSL


def pem(key, form=PKCS1, encryption=None):
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_a_token_is_signed_by_the_key_and_says_who_and_how_long(key):
    token = app_token(AppKeys().get(Secret(pem(key))), "Iv23abcdef", NOW).reveal()

    checked = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, key.public_key(), algorithms=["RS256"], options=checked)
    assert claims == {"iss": "Iv23abcdef", "iat": 1_699_999_940, "exp": 1_700_000_480}
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}


def test_a_key_is_loaded_once_and_told_from_others(key):
    keys, text = AppKeys(), pem(key)

    first = keys.get(Secret(text))

    assert keys.get(Secret(text)) is first
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert keys.get(Secret(pem(other))).fingerprint != first.fingerprint


@pytest.mark.parametrize("written", [str.strip, lambda text: text.replace("\n", "\\n"), lambda text: f"\n{text}\n\n"])
def test_the_ways_stores_keep_line_breaks_are_all_one_key(key, written):
    keys = AppKeys()

    assert keys.get(Secret(written(pem(key)))) is keys.get(Secret(pem(key)))


def test_a_key_in_pkcs8_form_is_taken_too(key):
    assert AppKeys().get(Secret(pem(key, PrivateFormat.PKCS8))).private.key_size == 2048


def test_a_loaded_key_does_not_show(key):
    text = pem(key)

    assert text.splitlines()[1] not in f"{AppKeys().get(Secret(text))!r}"


UNFIT = {
    "empty": lambda _: "",
    "no key": lambda _: "canary",
    "not text": lambda _: "\ud800canary",
    "cut": lambda key: pem(key)[:-200],
    "public": lambda key: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "encrypted": lambda key: pem(key, encryption=BestAvailableEncryption(b"canary")),
    "another kind": lambda _: pem(ec.generate_private_key(ec.SECP256R1()), PrivateFormat.PKCS8),
    "weak": lambda _: pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    "huge": lambda key: pem(key) + "A" * 5000,
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_no_usable_key_is_refused_with_a_sentence_and_not_repeated(key, kind):
    text = UNFIT[kind](key)

    with pytest.raises(CheckFailed) as failed:
        AppKeys().get(Secret(text))

    assert (failed.value.reason, failed.value.step) == (Reason.INVALID_CONFIG, StepName.AUTHENTICATE)
    assert failed.value.__context__ is None
    assert "canary" not in f"{failed.value!r} {failed.value.remedy}"
    assert ".pem" in failed.value.remedy
