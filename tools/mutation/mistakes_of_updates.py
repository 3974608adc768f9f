"""Mistakes in the way from what is to what is wanted: stop, PUT, start, savepoints, conflicts, resets."""

from __future__ import annotations

from tools.mutation.seeded import Mistake

MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "leave out the savepoint",
        "savepoint=step is Step.STOP, goes_on=goes_on)",
        "savepoint=False, goes_on=goes_on)",
        "several_properties_change_at_once",
    ),
    Mistake(
        "restart without state though nobody asked",
        "if stateless else {}",
        "if True else {}",
        "several_properties_change_at_once",
    ),
    Mistake(
        "ignore is_success of an array's item",
        "for item in parsed if isinstance(parsed, list) else [parsed]:",
        "for item in [] if isinstance(parsed, list) else [parsed]:",
        "every_fault_meets_StopFlinkJobs_of_an_update",
    ),
    Mistake(
        "ignore is_success of an object",
        "for item in parsed if isinstance(parsed, list) else [parsed]:",
        "for item in parsed if isinstance(parsed, list) else []:",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "PUT before the wait for the stop ends",
        "return phase not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}",
        "return phase is not Phase.RUNNING",
        "a_long_savepoint_is_waited_for",
    ),
    Mistake(
        "count a stop as done at once",
        "return phase not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}",
        "return True",
        "a_long_savepoint_is_waited_for",
    ),
    Mistake(
        "count a start as done at once",
        "return up and counts",
        "return True",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "do not watch whether the job keeps running",
        "if not settle_time or",
        "if True or",
        "new_settings_crash_at_once",
    ),
    Mistake(
        "restore a savepoint that is gone",
        "if observed.savepoint is not False:",
        "if True:",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "roll back to a savepoint that is used up",
        "if restore and not can_restore(with_changes(observed, back)):",
        "if False:",
        "new_settings_crash_at_once",
    ),
    Mistake(
        "start a job empty where it has no savepoint",
        "    if not can_restore(observed):\n        raise NoSavepointError(",
        "    if not can_restore(observed):\n        return Step.RUN\n        raise NoSavepointError(",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "treat an HTML 404 as gone",
        "    if not code and not message:\n        return",
        "    if response.status == HTTPStatus.NOT_FOUND:\n"
        '        return NotFoundError(operation, status=404, message="gone")\n'
        "    if not code and not message:\n        return",
        "every_fault_meets_a_refresh",
    ),
    Mistake(
        "run a finished batch job again for a change in place",
        "(Cost.LIVE, RUNNING): (Step.PUT,),\n        (Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "(Cost.LIVE, RUNNING): (Step.PUT, Step.RUN),\n        (Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "a_batch_job_ends",
    ),
    Mistake(
        "never run a finished batch job again",
        "(Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "(Cost.RESTART, RUNNING): (Step.PUT,),",
        "a_batch_job_ends",
    ),
    Mistake(
        "send resume_savepoint on the first run",
        "start(job, controls, DRAFT_STATUS, restore=False)",
        "start(job, controls, DRAFT_STATUS, restore=True)",
        "a_job_stops_and_starts",
    ),
    Mistake(
        "restore a job whose first start failed",
        "    if not ever_ran(observed, stored):\n        return Step.RUN",
        "    if False:\n        return Step.RUN",
        "a_job_that_never_ran_starts_plainly",
    ),
    Mistake(
        "skip the first conflict check",
        "    _refuse_conflict(wanted.changes, controls, observed, olds)\n",
        "",
        "a_conflict_is_seen_before_the_stop",
    ),
    Mistake(
        "skip the second conflict check",
        "_refuse_conflict(context.wanted.changes, context.controls, observed, context.olds, context.before.properties)",
        "pass",
        "a_conflict_arises_during_the_stop",
    ),
    Mistake(
        "compare with nothing, at the second conflict check, what the program did not set before",
        "observed, context.olds, context.before.properties)",
        "observed, context.olds)",
        "a_conflict_arises_in_what_the_program_did_not_set",
    ),
    Mistake(
        "overwrite what somebody else changed without being asked",
        'controls.on_conflict == "fail"',
        'controls.on_conflict == "never"',
        "a_conflict_is_seen_before_the_stop",
    ),
    Mistake(
        "send all properties",
        "update_flink_jar_job(job.job_id, put_body(pending))",
        "update_flink_jar_job(job.job_id, put_body(pending) | "
        '{name: wire(work.news[name]) for name in BY_NAME if work.news.get(name) is not None and name != "tags"})',
        "several_properties_change_at_once",
    ),
    Mistake(
        "send what an interrupted update has sent already",
        "controls, wanted, still_to_send(wanted.changes, observed), observed)",
        "controls, wanted, wanted.changes, observed)",
        "an_update_is_cut_off_at_each_write",
    ),
    Mistake(
        "forget the reset of a removed property",
        "    return Change(each.name, old, new, cost, reset=True)",
        "    return None",
        "several_properties_change_at_once",
    ),
    Mistake(
        "forget what is newly managed as it is",
        "        tuple(_taken(olds, news)),",
        "        (),",
        "a_property_is_set_to_what_it_is_already",
    ),
    Mistake(
        "start a job that is in arrears",
        "(Step.PUT, Step.REPORT)",
        "(Step.PUT, Step.RUN)",
        "a_job_is_in_arrears",
    ),
    Mistake(
        "PUT a property that costs a restart to a running job",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),",
        "(Cost.RESTART, RUNNING): (Step.PUT,),",
        "several_properties_change_at_once",
    ),
    Mistake(
        "forget to start the job after the PUT",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT),",
        "several_properties_change_at_once",
    ),
    Mistake(
        "restart for a change in place",
        "        (Cost.LIVE, RUNNING): (Step.PUT,),\n        (Cost.RESTART, RUNNING): (Step.STOP,",
        "        (Cost.LIVE, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),\n"
        "        (Cost.RESTART, RUNNING): (Step.STOP,",
        "an_update_in_place_is_cut_off",
    ),
    Mistake(
        "do not stop a job that is wanted stopped",
        "(Cost.NONE, STOPPED): (Step.STOP,),",
        "(Cost.NONE, STOPPED): (),",
        "a_job_stops_and_starts",
    ),
)
