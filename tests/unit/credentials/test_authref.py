"""The grammar of references: one spelling per secret, and nothing a backend could fold into another path."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid

GOOD = [
    ("authref://vault/github", AuthRef("vault", "github")),
    ("authref://vault/github/app?version=3#private_key", AuthRef("vault", "github/app", "3", "private_key")),
    ("authref://aws-sm/gitlab?version=AWSPREVIOUS#token", AuthRef("aws-sm", "gitlab", "AWSPREVIOUS", "token")),
    ("authref://azure-kv/harbor-robot", AuthRef("azure-kv", "harbor-robot")),
    ("authref://k8s/harbor#secret", AuthRef("k8s", "harbor", None, "secret")),
    ("authref://v/a", AuthRef("v", "a")),
    ("authref://v9-/a", AuthRef("v9-", "a")),
    (f"authref://{'v' * 32}/a", AuthRef("v" * 32, "a")),
    ("authref://vault/A.b_c-d", AuthRef("vault", "A.b_c-d")),
    ("authref://vault/1/2/3/4/5/6/7/8/9/10/11/12", AuthRef("vault", "1/2/3/4/5/6/7/8/9/10/11/12")),
    ("authref://vault/a-?version=0", AuthRef("vault", "a-", "0")),
    ("authref://vault/a.b.c", AuthRef("vault", "a.b.c")),
    ("authref://vault/a__--b", AuthRef("vault", "a__--b")),
    (f"authref://vault/a?version={'f' * 64}", AuthRef("vault", "a", "f" * 64)),
    (
        "authref://vault/a?version=c6f1a3b2-0000-4000-8000-000000000000",
        AuthRef("vault", "a", "c6f1a3b2-0000-4000-8000-000000000000"),
    ),
    (f"authref://vault/a#{'k' * 128}", AuthRef("vault", "a", None, "k" * 128)),
    ("authref://vault/a#.dockerconfigjson", AuthRef("vault", "a", None, ".dockerconfigjson")),
    ("authref://vault/" + "a" * 496, AuthRef("vault", "a" * 496)),
]

BAD = [
    # not a reference at all
    "", "x", "authref:", "authref:/", "authref://", "authref:///a", "authref:///", "vault/github", "authref:vault/a", "not-a-real-secret-1",
    "AUTHREF://vault/a", "AuthRef://vault/a", " authref://vault/a", "authref://vault/a ", "authref://vault/a\n", "\nauthref://vault/a",
    "https://vault/a", "xauthref://vault/a", "authref://vault", "authref://vault/", "authref://vault?version=1", "authref://vault#a",
    # the alias is no host
    "authref://user@vault/a", "authref://user:pass@vault/a", "authref://vault:8200/a", "authref://vault.example/a", "authref://[::1]/a",
    "authref://127.0.0.1/a", "authref://Vault/a", "authref://1vault/a", "authref://-vault/a", "authref://vau_lt/a", f"authref://{'v' * 33}/a",
    # traversal and empty segments
    "authref://vault/../b", "authref://vault/a/../b", "authref://vault/a/..", "authref://vault/./a", "authref://vault/a/./b", "authref://vault/a/.",
    "authref://vault//a", "authref://vault/a//b", "authref://vault/a/", "authref://vault/a/b//", "authref://vault/.a", "authref://vault/a.",
    "authref://vault/a./b", "authref://vault/a..b", "authref://vault/...", "authref://vault/-a", "authref://vault/_a", "authref://vault/a/-b",
    # encodings
    "authref://vault/%2e%2e/b", "authref://vault/a%2fb", "authref://vault/a%252fb", "authref://vault/a%00", "authref://vault/%61", "authref://vault/a%",
    "authref://vault/a%c0%ae", "authref://vault/a\\b", "authref://vault/..\\b", "authref://vault/a\x00", "authref://vault/a\tb", "authref://vault/a\x7f",
    "authref://vault/a+b", "authref://vault/a b", "authref://vault/a&b", "authref://vault/a;b", "authref://vault/a=b", "authref://vault/~a",
    "authref://vault/a*", "authref://vault/{a}", "authref://vault/$a", "authref://vault/a:b", "authref://vault/a@b", "authref://vault/a|b",
    # unicode look-alikes
    "authref://vаult/a", "authref://vault/а", "authref://vault/a／b", "authref://vault/a․․/b", "authref://vault/１", "authref://vault/é",
    "authref：//vault/a", "authref://vault/a\u200b", "authref://vault/a\u202e", "authref://vault/a\u2028", "authref://vault/a\ud800", "authref://vault/ａ",
    "authref://vault/a?version=３", "authref://vault/a#ｋey",
    # query and fragment
    "authref://vault/a?", "authref://vault/a?version", "authref://vault/a?version=", "authref://vault/a?version=1&version=2", "authref://vault/a?v=1",
    "authref://vault/a?version=1.0", "authref://vault/a?version=1_0", f"authref://vault/a?version={'1' * 65}", "authref://vault/a?Version=1",
    "authref://vault/a#", "authref://vault/a#k#l", "authref://vault/a#k/l", "authref://vault/a#k?version=1", "authref://vault/a#k l",
    f"authref://vault/a#{'k' * 129}", "authref://vault/a?version=1?version=1", "authref://vault/a?version=1/../b", "authref://vault/a#../b",
    # sizes
    "authref://vault/" + "/".join("a" * 13), "authref://vault/" + "a" * 497, "authref://vault/" + "a" * 100_000,
    # texts a careless expression reads for ever
    "authref://v/" + "a-" * 240 + "!", "authref://v/" + "a." * 240, "authref://v/" + "a/" * 240 + "!", "authref://v/" + "a.a" * 160 + "#!",
]  # fmt: skip


@pytest.mark.parametrize(("text", "ref"), GOOD)
def test_a_reference_is_read_and_written_in_its_one_spelling(text, ref):
    assert AuthRef.parse(text) == ref
    assert str(ref) == text


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused_with_a_sentence_that_does_not_repeat_it(text):
    with pytest.raises(AuthRefInvalid, match=r"^(must|may) ") as refusal:
        AuthRef.parse(text)

    assert text not in str(refusal.value) or text in "authref://<alias>"  # its own example
    assert "not-a-real-secret" not in repr(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ghp", "authref://"),
        ("authref://a:b@vault/x", "user, password and port"),
        ("authref://vault/%2e", "percent"),
        ("authref://vault/a/../b", "segments"),
        ("authref://vault/a//b", "single slashes"),
        ("authref://vault/а", "ASCII"),
        ("authref://vault/a#k?version=1", "before #key"),
        ("authref://vault", "path"),
        ("authref://vault/" + "/".join("a" * 13), "12 path segments"),
        ("authref://vault/" + "a" * 512, "512"),
    ],
)
def test_the_sentence_says_what_to_change(text, word):
    with pytest.raises(AuthRefInvalid, match=re.escape(word)):
        AuthRef.parse(text)


@pytest.mark.parametrize(
    "parts",
    [
        ("vault", "../b"),
        ("Vault", "a"),
        ("vault", "a", ""),
        ("vault", "a", "1", ""),
        ("vault", "a#b?c"),
        ("", "a"),
        ("vault", "a?version=1"),
        ("vault", "a#k"),
        ("vault", "a", "1#k"),
        ("vault/a", "b"),
    ],
)
def test_no_malformed_reference_can_be_made_in_code_either(parts):
    with pytest.raises(AuthRefInvalid):
        AuthRef(*parts)


def test_a_segment_is_what_the_design_says():
    for text in map(
        "".join, itertools.chain.from_iterable(itertools.product("aA0._-", repeat=length) for length in range(1, 6))
    ):
        fits = bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text)) and ".." not in text and not text.endswith(".")
        try:
            AuthRef.parse(f"authref://vault/{text}")
        except AuthRefInvalid:
            assert not fits, text
        else:
            assert fits, text


@given(st.text(st.sampled_from("authref:/.-_?#=%@versionvaultAZ019\n\\ é"), max_size=60))
def test_what_is_accepted_is_canonical_and_harmless(tail):
    text = f"authref://vault/{tail}"
    try:
        ref = AuthRef.parse(text)
    except AuthRefInvalid:
        return
    assert str(ref) == text
    assert all(segment and segment.strip(".") == segment for segment in ref.path.split("/"))
    assert ".." not in ref.path
