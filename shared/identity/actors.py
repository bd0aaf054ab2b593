"""Who performs a step: residents, their helpers, staff and the worker go through the same table."""

from dataclasses import dataclass

from shared.vocab import Role

# Which of a colleague's roles names them in the history: the most senior one in complaint handling.
_SENIORITY = (
    Role.ADMIN,
    Role.COLLEAGUE,
    Role.MEMBER_RESPONSIBLE,
    Role.OFFICER,
    Role.HANDLER,
    Role.SERVICE_MANAGER,
    Role.MANAGER,
    Role.DIRECTOR,
)


@dataclass(frozen=True, slots=True)
class Resident:
    """The person whose complaint it is, seen only through that one case."""

    case_ref: str
    name: str

    @property
    def role(self) -> Role:
        """Their one role."""
        return Role.RESIDENT

    @property
    def roles(self) -> frozenset[Role]:
        """Their one role, as a set."""
        return frozenset({Role.RESIDENT})

    @property
    def key(self) -> str:
        """A stable name for events and access codes."""
        return f"resident:{self.case_ref}"

    @property
    def display(self) -> str:
        """How the history names them."""
        return self.name


@dataclass(frozen=True, slots=True)
class Representative:
    """Somebody the resident chose to act for them (Code 3.5), within the scope the resident agreed to."""

    case_ref: str
    name: str
    scope: str
    person: str = "1"  # tells apart several representatives of one case

    @property
    def role(self) -> Role:
        """Their one role."""
        return Role.REPRESENTATIVE

    @property
    def roles(self) -> frozenset[Role]:
        """Their one role, as a set."""
        return frozenset({Role.REPRESENTATIVE})

    @property
    def key(self) -> str:
        """A stable name for events and access codes."""
        return f"representative:{self.case_ref}:{self.person}"

    @property
    def display(self) -> str:
        """How the history names them."""
        return self.name


@dataclass(frozen=True, slots=True)
class Staff:
    """A colleague with an account. `roles` never holds a resident's or the system's role."""

    id: int
    name: str
    email: str
    roles: frozenset[Role]
    job_title: str = ""

    @property
    def role(self) -> Role:
        """The most senior role they hold, for the history; what they may do depends on all of `roles`."""
        return max(self.roles, key=_SENIORITY.index, default=Role.COLLEAGUE)

    @property
    def key(self) -> str:
        """A stable name for events: it survives a change of name or e-mail address."""
        return f"staff:{self.id}"

    @property
    def display(self) -> str:
        """How the history names them."""
        return f"{self.name} ({self.job_title})" if self.job_title else self.name


@dataclass(frozen=True, slots=True)
class System:
    """The service itself, acting by the clock; `name` says which of its jobs."""

    name: str

    @property
    def role(self) -> Role:
        """Its one role."""
        return Role.SYSTEM

    @property
    def roles(self) -> frozenset[Role]:
        """Its one role, as a set."""
        return frozenset({Role.SYSTEM})

    @property
    def key(self) -> str:
        """A stable name for events."""
        return f"system:{self.name}"

    @property
    def display(self) -> str:
        """How the history names it."""
        return "Redress (automatic)"


Actor = Resident | Representative | Staff | System
