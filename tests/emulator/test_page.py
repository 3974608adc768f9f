"""The page at `/`: what it shows, that it hides secrets, and that a real browser follows a job through an update."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from pulumi_dli.emulator.server import Emulator, Options, running
from support import browser
from support.payloads import PAYLOADS, named
from support.places import ROOT

SECONDS = 15.0


def html(emulator: Any, query: str = "") -> str:
    answer = requests.get(f"{emulator.url}/{query}", timeout=5)
    assert answer.status_code == 200
    return answer.text


def test_an_empty_emulator_says_how_to_fill_it() -> None:
    """The first look is a hint, not a blank page."""
    with running(Options()) as emulator:
        assert "pulumi config set dli:endpoint" in html(emulator)


def test_a_queue_shows_its_jobs_and_how_many_cus_are_taken(api_of: Any) -> None:
    """By the CUs of the active jobs alone."""
    with running(Options(time_factor=1000, queues=(("bounded", 16),))) as emulator:
        api = api_of(emulator)
        api.running(name="shown-running", queue_name="bounded", cu_number=5)
        api.create(name="shown-draft", queue_name="bounded", cu_number=7)
        page = html(emulator)
    assert "5 of 16 CUs" in page
    assert "shown-running" in page
    assert "shown-draft" in page


def test_a_timeline_names_the_changed_properties_and_the_savepoint(api: Any, emulator: Any) -> None:
    """Created, updated with its properties, stopped with savepoint, started from it."""
    job_id = api.running()
    api.update(job_id, smn_topic="t")
    api.stop(job_id, trigger_savepoint=True)
    api.wait(job_id, "job_cancel_success")
    savepoint = emulator.job(job_id)["savepoint"]["path"]
    api.run(job_id, resume_savepoint=True)
    page = html(emulator, f"?job={job_id}")
    for fact in ("created", "updated: smn_topic", "stop with savepoint", f"restoring <code>{savepoint}"):
        assert fact in page


def test_secrets_are_masked_even_where_the_log_keeps_them(api_of: Any) -> None:
    """`--log-secrets` is for tests that read the log; the page is looked at by people."""
    secrets = {"entrypoint_args": "--pass pa55word", "runtime_config": '[{"key": "pa55word"}]'}
    with running(Options(log_secrets=True)) as emulator:
        api = api_of(emulator)
        job_id = api.create(**secrets)
        api.update(job_id, entrypoint_args="--pass pa55word2")
        api.update(job_id, entrypoint_args=["pa55word3"])
        api.detail(job_id)
        pages = html(emulator) + html(emulator, f"?job={job_id}")
    assert "pa55word" not in pages
    assert emulator.token not in pages
    assert emulator.control_token not in pages
    assert "***" in pages


def tags(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tags of a page with the names of their attributes."""
    found: list[tuple[str, tuple[str, ...]]] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: found.append((tag, tuple(name for name, _ in attrs)))  # type: ignore[method-assign]
    reader.feed(text)
    return found


@pytest.fixture(scope="module")
def plain() -> list[tuple[str, tuple[str, ...]]]:
    """The tags of a page with one harmless job."""
    with running(Options(time_factor=1000)) as emulator:
        return tags(page_of_a_job(emulator, "harmless"))


def page_of_a_job(emulator: Emulator, desc: str) -> str:
    """Return the page of a job with this description."""
    requests.post(
        f"{emulator.url}/v1.0/{emulator.project_id}/streaming/flink-jobs",
        json={"name": "job", "desc": desc[:500]},
        headers={"X-Auth-Token": emulator.token},
        timeout=10,
    )
    return html(emulator, "?job=138")


# A lone surrogate is refused before it reaches the page.
@pytest.mark.parametrize("text", [each for each in PAYLOADS if "\ud800" not in each], ids=named)
def test_what_clients_send_never_becomes_markup(text: str, plain: list[tuple[str, tuple[str, ...]]]) -> None:
    """Names and bodies are text on the page, whatever they hold."""
    with running(Options(time_factor=1000)) as emulator:
        page = page_of_a_job(emulator, text)
    assert tags(page) == plain


@pytest.mark.parametrize("query", ["?job=999999", "?job=x", f"?job={'9' * 30}", "?part=live&job=1"])
def test_a_job_that_is_not_there_is_no_error(emulator: Any, query: str) -> None:
    """A link to a job of yesterday's emulator still shows a page."""
    assert "requests" in html(emulator, query)


def test_looking_at_the_page_is_no_request_to_the_service(emulator: Any) -> None:
    """The log shows what clients did; the page asks each second."""
    html(emulator)
    assert emulator.requests() == []


def test_the_page_loads_nothing_from_elsewhere(emulator: Any) -> None:
    """It works without internet, and its policy forbids anything else."""
    answer = requests.get(emulator.url, timeout=5)
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "//" not in answer.text.replace("obs://", "")
    for name in ("htmx-4.0.1.min.js", "live.js", "style.css"):
        assert f'"/_page/{name}"' in answer.text
        assert requests.get(f"{emulator.url}/_page/{name}", timeout=5).status_code == 200


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    try:
        browser.find()
    except browser.UnavailableError as error:
        pytest.skip(str(error))
    with browser.opened() as opened:
        yield opened


def until(condition: Callable[[], Any]) -> None:
    """Wait until the page shows something; the page itself is never loaded again."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the page does not show it"
        time.sleep(0.05)


def text(chrome: Chrome, selector: str) -> str:
    return str(chrome.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector))


def test_a_browser_follows_a_job_through_an_update_live(api_of: Any, chrome: Chrome) -> None:
    """Created, started, stopped with savepoint, updated, restarted: each shows without a reload."""
    with running(Options(time_factor=1000)) as emulator:
        api = api_of(emulator)
        chrome.get(emulator.url)
        job_id = api.create(name="followed", entrypoint="a.jar", queue_name="dev")
        until(lambda: "followed" in text(chrome, "#queues"))
        chrome.find_element(By.LINK_TEXT, "followed").click()
        until(lambda: "created" in text(chrome, "#timeline"))
        chrome.execute_script("window.notReloaded = true")
        api.run(job_id)
        until(lambda: "job_running" in text(chrome, f"#job-{job_id}"))
        api.stop(job_id, trigger_savepoint=True)
        api.wait(job_id, "job_cancel_success")
        api.update(job_id, cu_number=4, parallel_number=2)
        until(lambda: "updated: cu_number, parallel_number" in text(chrome, "#timeline"))
        api.run(job_id, resume_savepoint=True)
        until(lambda: "restoring obs://savepoints/" in text(chrome, "#timeline"))
        until(lambda: "job_running" in text(chrome, f"#job-{job_id}"))
        assert "UpdateFlinkJarJob" in text(chrome, "#requests")
        assert chrome.execute_script("return window.notReloaded") is True
        assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]


def test_what_a_reader_opened_stays_open_while_the_page_lives(api_of: Any, chrome: Chrome) -> None:
    """A request's body can be read in peace although newer requests come in above it."""
    with running(Options()) as emulator:
        api = api_of(emulator)
        job_id = api.create(name="read", desc="body of the first request")
        chrome.get(f"{emulator.url}/?job={job_id}")
        chrome.find_element(By.CSS_SELECTOR, "#request-1 summary").click()
        api.update(job_id, desc="second")
        until(lambda: "UpdateFlinkJarJob" in text(chrome, "#requests"))
        assert "body of the first request" in text(chrome, "#request-1 pre")
        assert chrome.find_element(By.CSS_SELECTOR, "#request-1").get_attribute("open")
        assert not chrome.find_element(By.CSS_SELECTOR, "#request-2").get_attribute("open")


def test_a_page_whose_emulator_has_stopped_says_so(chrome: Chrome) -> None:
    """Old facts must not pass for live ones."""
    with running(Options()) as emulator:
        chrome.get(emulator.url)
        assert not chrome.find_element(By.ID, "stale").is_displayed()
    until(lambda: chrome.find_element(By.ID, "stale").is_displayed())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_schemes(api_of: Any, chrome: Chrome, scheme: str) -> None:
    """WCAG's contrast of 4.5 for every status and for all other text."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    with running(Options(time_factor=1000)) as emulator:
        api = api_of(emulator)
        for status in ("job_init", "job_running", "job_submit_fail", "job_savepointing"):
            emulator.patch_job(api.create(), status=status)
        chrome.get(f"{emulator.url}/?job={api.create(desc='seen')}")
        contrasts = chrome.execute_script(CONTRASTS)
    assert len(contrasts) > 20
    assert [found for found in contrasts if found[0] < 4.5] == []


@pytest.mark.full
def test_the_pictures_of_the_documentation_can_be_made_again(chrome: Chrome, tmp_path: Path) -> None:
    """By the script that made them."""
    subprocess.run([ROOT / "scripts" / "dev", "screenshots", tmp_path], check=True, timeout=120)
    kept = (ROOT / "docs" / "evidence" / "images").glob("emulator-*")
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in kept}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


CONTRASTS = """
const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const light = text => {
  const [r, g, b] = text.match(/[\\d.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
};
const ground = element => {
  const own = getComputedStyle(element).backgroundColor;
  return own === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : own;
};
return [...document.querySelectorAll("body *")]
  .filter(each => [...each.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
  .filter(each => each.checkVisibility())
  .map(each => {
    const [a, b] = [light(getComputedStyle(each).color), light(ground(each))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), each.tagName, each.className, each.innerText];
  });
"""
