"""Another server takes the place of the one that runs, or does not."""

import threading

from tests.support.project import Project
from tests.support.updates import brought_back, errors


def test_broken_serving_code_leaves_the_old_server(project: Project) -> None:
    code = project.root / "function_code" / "serving" / "app.py"
    whole = code.read_text()
    before = project.servers()
    with brought_back(project):
        try:
            code.write_text(whole + "\nraise ValueError('broken on purpose')\n")
            (error,) = errors(project.up(code=None))
            assert error.startswith("the endpoint did not start: ValueError: broken on purpose")
            code.write_text(whole + "\ndef broken(:\n")
            (error,) = errors(project.up(code=None))
            assert error.startswith("the endpoint did not start: SyntaxError: ")
            assert project.servers() == before
            assert not project.state().get("pending_operations")
            project.predict()
        finally:
            code.write_text(whole)


def test_new_serving_code_takes_over_without_a_failed_request(project: Project) -> None:
    code = project.root / "function_code" / "serving" / "app.py"
    code.write_text(code.read_text() + "\n# another version\n")
    (old,) = project.servers()
    url = project.outputs()["url"]
    request = (project.home / "request.json").read_bytes()
    stopped, answers, failures = threading.Event(), list[int](), list[OSError]()

    def keep_asking() -> None:
        while not stopped.is_set():
            try:
                answers.append(project.ask("POST", "/predict", request)[0])
            except OSError as failure:
                failures.append(failure)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        project.up()
    finally:
        stopped.set()
        thread.join()
    (new,) = project.servers()
    assert new != old
    assert project.outputs()["url"] == url
    assert not failures
    assert len(answers) > 20
    assert set(answers) == {200}
