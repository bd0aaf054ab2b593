"""The store: nothing outside its folder, nothing half written, an honest answer when the disk is full."""

import os
import re
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from shared.uploads import DiskStore, FileStore, StorageError, open_store
from tests.support.full_disk import cramped

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "files")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_goes_in_comes_out_until_it_is_deleted(store: FileStore) -> None:
    key = store.put(b"photo", ".jpg")
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}\.jpg", key)
    with store.open(key) as content:
        assert content.read() == b"photo"
    assert store.size(key) == 5
    assert list(store.keys()) == [key]
    assert store.delete(key) is True
    assert store.delete(key) is False
    assert list(store.keys()) == []
    with pytest.raises(StorageError, match="cannot open"):
        store.open(key)
    with pytest.raises(StorageError, match="cannot measure"):
        store.size(key)


def test_a_stream_is_taken_from_where_it_stands(store: DiskStore) -> None:
    stream = BytesIO(b"xxphoto")
    stream.seek(2)
    with store.open(store.put(stream)) as content:
        assert content.read() == b"photo"


def test_only_the_service_can_read_the_files(store: DiskStore) -> None:
    path = store.root / store.put(b"private", ".txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, store.root):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_content_never_shares_a_key(store: DiskStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda number: store.put(b"same %d" % number), range(60)))
    assert len(set(keys)) == 60
    for number, key in enumerate(keys):
        with store.open(key) as content:
            assert content.read() == b"same %d" % number
    assert sorted(keys) == list(store.keys())


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "aa/bb/../../../x",
        "aa/bb/" + "c" * 32,  # its folders do not match its name
        "AA/BB/AABB" + "C" * 28,
        "aa/bb/aabb" + "c" * 28 + ".jpg/../x",
        "aa/bb/aabb" + "c" * 28 + "\0.jpg",
        "aa/bb/aabb" + "c" * 28 + "\n",
        "",
        "unfinished/x",
    ],
)
def test_a_key_of_another_shape_is_refused(store: DiskStore, key: str) -> None:
    store.put(b"x")
    for ask in (store.open, store.size, store.delete):
        with pytest.raises(StorageError, match="is no key"):
            ask(key)


@pytest.mark.parametrize("suffix", ["/../x", ".JPG", "jpg", ".j/g", ".toolong", ".jpg\n", "."])
def test_a_suffix_of_another_shape_is_refused(store: DiskStore, suffix: str) -> None:
    with pytest.raises(StorageError, match="no file extension"):
        store.put(b"x", suffix)
    assert not store.root.exists()


def test_a_planted_link_leads_nowhere(store: DiskStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    key = store.put(b"x")
    (store.root / key).unlink()
    (store.root / key).symlink_to(secret)
    for ask in (store.open, store.size, store.delete):
        with pytest.raises(StorageError, match="leads out"):
            ask(key)
    assert secret.read_text() == "secret"


class Failing(BytesIO):
    """A stream that breaks after its first piece."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise ValueError("the line broke")
        return super().read(10)


def test_a_stream_that_breaks_leaves_nothing_behind(store: DiskStore) -> None:
    with pytest.raises(ValueError, match="line broke"):
        store.put(Failing(bytes(100)))
    assert files_in(store.root) == []


FILL = """
import sys
from pathlib import Path
from shared.uploads import DiskStore, StorageFull
store = DiskStore(sys.argv[1])
kept = []
try:
    for number in range(1, 30):
        kept.append(store.put(bytes([number]) * 20_000 * number, ".bin"))
except StorageFull as error:
    print(error)
else:
    sys.exit("the disk was never full")
assert kept and sorted(kept) == list(store.keys())
assert not list((store.root / "unfinished").iterdir())
for number, key in enumerate(kept, 1):
    with store.open(key) as content:
        assert content.read() == bytes([number]) * 20_000 * number
assert store.delete(kept.pop())
store.check()
"""


def test_a_full_disk_is_told_and_costs_no_file(tmp_path: Path) -> None:
    with cramped(tmp_path / "small", kilobytes=400) as (folder, limit):
        done = subprocess.run(
            [*limit, sys.executable, "-c", FILL, folder / "files"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot keep a file" in done.stdout


def test_a_cap_on_file_sizes_is_told_as_a_full_disk(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000,) * 2)\n"
    done = subprocess.run(
        [sys.executable, "-c", limit + FILL, tmp_path / "files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_killed_process_leaves_no_key_and_the_sweep_takes_the_rest(store: DiskStore) -> None:
    script = (
        "import sys, time; from shared.uploads import DiskStore\n"
        "class Slow:\n"
        "    pieces = 0\n"
        "    def read(self, size):\n"
        "        self.pieces += 1\n"
        "        if self.pieces > 2: print('half', flush=True); time.sleep(60)\n"
        "        return bytes(size)\n"
        "DiskStore(sys.argv[1]).put(Slow())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, store.root], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.kill()
    assert list(store.keys()) == []
    assert len(files_in(store.root)) == 1
    assert store.sweep() == 0  # it could still be at work
    old = time.time() - 100_000
    for path in files_in(store.root):
        os.utime(path, (old, old))
    assert store.sweep() == 1
    assert files_in(store.root) == []


def test_the_check_writes_reads_and_leaves_nothing(store: DiskStore) -> None:
    store.check()
    assert files_in(store.root) == []


def test_the_check_tells_what_is_wrong(tmp_path: Path) -> None:
    for folder in (tmp_path / "static" / "files", tmp_path / "public"):
        with pytest.raises(StorageError, match="may show to anybody"):
            DiskStore(folder).check()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot keep a file"):
        DiskStore(tmp_path / "file").check()
    with pytest.raises(StorageError, match="cannot keep a file"):
        DiskStore("/proc/redress").check()


def test_a_store_is_chosen_by_its_address(tmp_path: Path) -> None:
    for address in (tmp_path / "a b", f"{tmp_path}/a b", f"file://{tmp_path}/a%20b"):
        store = open_store(address)
        assert isinstance(store, DiskStore)
        assert store.root == tmp_path / "a b"
    for address, message in (
        ("s3://bucket", "no known file store"),
        ("file://host/x", "names no folder"),
        (" ", "no ad"),
    ):
        with pytest.raises(StorageError, match=message):
            open_store(address)
