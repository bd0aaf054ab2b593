"""How a person uses a page: with mouse and keys, or with keys alone. What they do stands in navigators.

Controls are found by name, never by their words, so that a journey runs in every language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.support.e2e_checks import Checks
from tests.support.e2e_service import Service

MOST_STOPS = 150


@dataclass
class Person:
    """Somebody with a browser. `scripts` says whether the browser runs any."""

    page: Page
    service: Service
    checks: Checks
    scripts: bool = True

    def goes_to(self, path: str) -> None:
        """Open an address of the service, and look at what is there."""
        self.page.goto(self.service.url + path)
        self.looks()

    def looks(self) -> None:
        """Hold the page that is shown now against all that every page must be."""
        self.checks.page(self.page, self.scripts)

    def sees(self, *words: str) -> None:
        """Each of these words stands in the main part of the page."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)

    def control(self, name: str, value: str | None = None) -> Locator:
        """The control of a form by its name and, where several share it, its value."""
        which = f'[name="{name}"]' + (f'[value="{value}"]' if value is not None else "")
        return self.page.locator(f"main {which}:not([type=hidden])")

    # Hands --------------------------------------------------------------------------------------------------

    def writes(self, name: str, text: str) -> None:
        """Fill a box."""
        self.control(name).fill(text)

    def chooses(self, name: str, *values: str) -> None:
        """Tick boxes, or pick one of several."""
        for value in values:
            self.control(name, value).check()

    def picks(self, name: str, value: str) -> None:
        """Pick from a list that drops down."""
        self.control(name).select_option(value)

    def attaches(self, name: str, files: Iterable[Path]) -> None:
        """Choose files of this device."""
        self.control(name).set_input_files(list(files))

    def presses(self, button: Locator) -> None:
        """Press a button or follow a link."""
        button.click()


class KeyboardPerson(Person):
    """The same person without a mouse: Tab, Enter, space, arrows and letters, nothing else."""

    def _reaches(self, target: Locator, back: bool = False) -> None:
        handle = target.element_handle()
        assert handle is not None
        for _ in range(MOST_STOPS):
            if handle.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the Tab key does not lead to {target}")

    def writes(self, name: str, text: str) -> None:
        self._reaches(self.control(name))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def chooses(self, name: str, *values: str) -> None:
        for value in values:
            wanted = self.control(name, value)
            if wanted.get_attribute("type") == "radio":
                self._moves_to(name, wanted)
                continue
            self._reaches(wanted)
            if not wanted.is_checked():
                self.page.keyboard.press("Space")
            expect(wanted).to_be_checked()

    def _moves_to(self, name: str, wanted: Locator) -> None:
        """A group of radio buttons is one stop; arrows move inside it."""
        group = self.control(name)
        chosen = self.page.locator(f'main [name="{name}"]:checked')
        self._reaches(chosen if chosen.count() else group.first)
        if not chosen.count():
            self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        expect(wanted).to_be_checked()

    def picks(self, name: str, value: str) -> None:
        box = self.control(name)
        self._reaches(box)
        self.page.keyboard.press("Home")
        for _ in range(box.locator("option").count()):
            if box.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        expect(box).to_have_value(value)

    def attaches(self, name: str, files: Iterable[Path]) -> None:
        # A part of the page that comes late takes the focus, and the key goes astray with it: press again.
        for patience in (5_000, 5_000, 20_000):
            self._reaches(self.control(name))
            try:
                with self.page.expect_file_chooser(timeout=patience) as chooser:
                    self.page.keyboard.press("Enter")
            except PlaywrightTimeout:
                continue
            chooser.value.set_files(list(files))
            return
        raise AssertionError(f"no file can be chosen for {name} with the keyboard")

    def presses(self, button: Locator) -> None:
        self._reaches(button)
        self.page.keyboard.press("Enter")
