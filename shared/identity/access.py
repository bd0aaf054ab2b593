"""The ways in for residents and representatives, and one-time links for all. A GET never uses one up."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.identity import resident_sessions, tokens
from shared.models.identity import AccessKey, SignInLink

CODE_ATTEMPTS = 5  # of a million codes
SIGN_IN = "sign_in"  # the purpose of a link that opens a case


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """What to send: the token for the URL and, where asked for, six digits to type. Neither is stored.

    `key` is for the browser that asked, which sends it along with the digits. The number of the row would tell
    by its gaps how many links an address brought forth, and so who is known.
    """

    id: int
    key: str
    token: str
    code: str | None


def issue_access_code(session: Session, case_id: int, person: str) -> str:
    """A new access code for one person (an Actor.key) on one case; older codes and open sessions end.

    Returns the code to show or send once, in groups of four. The caller commits.
    """
    revoke_access(session, case_id, person)
    code = tokens.new_access_code()
    session.add(AccessKey(case_id=case_id, person=person, code_hash=_access_hash(case_id, code)))
    session.flush()
    return code


def check_access_code(session: Session, case_id: int | None, typed: str) -> AccessKey | None:
    """The key that a typed code belongs to, None when it opens nothing. `case_id` None: no such case."""
    code = tokens.read_access_code(typed) or ""
    query = select(AccessKey).where(
        AccessKey.case_id == (case_id or 0),
        AccessKey.code_hash == _access_hash(case_id or 0, code),
        AccessKey.revoked_at.is_(None),
    )
    return session.scalar(query)


def revoke_access(session: Session, case_id: int, person: str) -> None:
    """End one person's ways in and open sessions: a lost code, or somebody who may not come in any more."""
    live = (AccessKey.case_id == case_id, AccessKey.person == person)
    session.execute(
        update(AccessKey).where(*live, AccessKey.revoked_at.is_(None)).values(revoked_at=clock.now())
    )
    session.execute(delete(SignInLink).where(SignInLink.case_id == case_id, SignInLink.person == person))
    resident_sessions.end_all(session, case_id, person)


def end_links(session: Session, case_id: int, person: str, purpose: str) -> None:
    """Make the links and digits worthless that are on their way to an address that may not be theirs now."""
    theirs = (SignInLink.case_id == case_id, SignInLink.person == person, SignInLink.purpose == purpose)
    session.execute(delete(SignInLink).where(*theirs))


def issue_link(
    session: Session,
    *,
    purpose: str,
    lifetime: timedelta,
    secret: str,
    case_id: int | None = None,
    person: str | None = None,
    account_id: int | None = None,
    with_code: bool = False,
) -> IssuedLink:
    """A one-time link for a purpose (SIGN_IN, "consent", "set_password"). The caller sends it and commits.

    `secret` is Config.secret_key. Older links stay valid until they end: mail may arrive out of order.
    """
    token = tokens.new_link_token()
    code = tokens.new_typed_code() if with_code else None
    token_hash = tokens.fingerprint(purpose, token)
    row = SignInLink(
        token_hash=token_hash,
        code_hash=tokens.keyed_fingerprint(secret, token_hash, code) if code else None,
        purpose=purpose,
        case_id=case_id,
        person=person,
        account_id=account_id,
        expires_at=clock.now() + lifetime,
    )
    session.add(row)
    session.flush()
    return IssuedLink(row.id, token_hash, token, code)


def find_link(session: Session, token: str, purpose: str) -> SignInLink | None:
    """The live link behind a token, for the page with its button; only reads: mail scanners follow links."""
    return session.scalar(
        select(SignInLink).where(
            SignInLink.token_hash == tokens.fingerprint(purpose, token[:200]),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > clock.now(),
        )
    )


def use_link(session: Session, token: str, purpose: str) -> SignInLink | None:
    """Use a link up (the button's POST). Of two at the same moment only one gets it; None for the other."""
    link = find_link(session, token, purpose)
    return link if link and _use_up(session, link) else None


def use_code(session: Session, key: str, typed: str, *, purpose: str, secret: str) -> SignInLink | None:
    """Use a link up by its six digits. `key` is what the browser that asked for the code was given.

    Every try counts before it is compared, and after CODE_ATTEMPTS the code is dead though the link is not.
    """
    counted = session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == key,
            SignInLink.purpose == purpose,
            SignInLink.attempts < CODE_ATTEMPTS,
        )
        .values(attempts=SignInLink.attempts + 1)
    )
    if not isinstance(counted, CursorResult) or counted.rowcount != 1:
        return None
    found = select(SignInLink).where(SignInLink.token_hash == key).execution_options(populate_existing=True)
    link = session.scalars(found).one()
    offered = tokens.keyed_fingerprint(secret, link.token_hash, tokens.read_typed_code(typed) or "")
    if not link.code_hash or not tokens.same(link.code_hash, offered):
        return None
    return link if _use_up(session, link) else None


def _use_up(session: Session, link: SignInLink) -> bool:
    now = clock.now()
    done = session.execute(
        update(SignInLink)
        .where(SignInLink.id == link.id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def _access_hash(case_id: int, code: str) -> str:
    return tokens.fingerprint("access", str(case_id), code.replace("-", ""))
