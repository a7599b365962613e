"""The one form in which two spellings of an e-mail address are compared."""

import unicodedata

import idna


def normal_form(address: str) -> str:
    """The same text for every spelling of one mailbox; "" for "".

    The part before the "@" is compared without regard to case: RFC 5321 would allow "Ana" and "ana" to be two
    mailboxes, but no mail service in use does so. The domain is compared as browsers and mail servers send it, in
    ASCII: "bücher.example" and "xn--bcher-kva.example" are one domain.
    """
    local_part, at, domain = unicodedata.normalize("NFKC", address).strip().rpartition("@")
    return f"{fold(local_part)}@{ascii_domain(domain)}" if at else fold(domain)


def fold(text: str) -> str:
    """Without differences of case, width and the like (Unicode's NFKC_Casefold)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def ascii_domain(domain: str) -> str:
    """By IDNA 2008 and UTS 46, as browsers do it. What is no domain name, such as "[192.0.2.1]", is only folded."""
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        pass
    try:
        # IDNA 2003 still allows symbols, and so do some registries.
        return fold(domain.encode("idna").decode())
    except UnicodeError:
        return fold(domain)
