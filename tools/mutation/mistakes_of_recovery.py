"""Mistakes after something went wrong: refusals, roll-backs, lost answers, interruptions, what others did."""

from __future__ import annotations

from tools.mutation.seeded import Mistake

MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "do not start the job again after a refused PUT",
        "raise started_as_it_was(job, context, _with_override(error, context)) from None",
        "raise _with_override(error, context) from None",
        "every_fault_meets_UpdateFlinkJarJob_of_an_update",
    ),
    Mistake(
        "do not roll back",
        "if not context.controls.rolls_back or not context.stops:",
        "if True:",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "roll back with all keys",
        "job.client.update_flink_jar_job(job.job_id, put_body(back))",
        "from pulumi_dli.planning.diff import wire\n            theirs = work.before.properties\n"
        "            sent = [name for name in theirs if theirs[name] not in (None, '') and name != 'tags']\n"
        "            job.client.update_flink_jar_job(job.job_id, {name: wire(theirs[name]) for name in sent})",
        "a_roll_back_puts_back_what_changed_alone",
    ),
    Mistake(
        "roll back over what somebody else changed meanwhile",
        "        if each.equivalent(theirs, change.new):",
        "        if True:",
        "somebody_edits_what_is_rolled_back",
    ),
    Mistake(
        "roll back without the state",
        "start(job, context.controls, observed.status, restore=restore, goes_back=True)",
        "start(job, context.controls, observed.status, restore=False, goes_back=True)",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "roll back on a time-out",
        "except (EngineGoneError, TimeoutPassedError, UnseenError):\n        raise",
        "except (EngineGoneError, UnseenError):\n        raise",
        "a_start_takes_too_long",
    ),
    Mistake(
        "take a refused look for a failed start",
        "raise _unseen(error) from None",
        "raise",
        "a_look_is_refused_during_the_restart",
    ),
    Mistake(
        "ask for a checkpoint that the update forbids to use",
        "first_run_or_restore(step, phase, updated, context.olds)",
        "first_run_or_restore(step, phase, context.before, context.olds)",
        "an_update_takes_the_checkpoint_away",
    ),
    Mistake(
        "count a PUT that took effect as failed",
        "        if still_to_send(context.wanted.changes, observed):\n            raise error",
        "        if True:\n            raise error",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "count a refused PUT as done",
        "        if still_to_send(context.wanted.changes, observed):\n            raise error",
        "        if False:\n            raise error",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "take a lost answer of a start for a refusal",
        "        if not effect_unknown(error):\n            raise",
        "        raise",
        "every_fault_meets_RunFlinkJobs_of_an_update",
    ),
    Mistake(
        "repeat a POST whose answer was lost",
        '_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})',
        '_REPEATABLE = frozenset({"GET", "PUT", "DELETE", "POST"})',
        "every_fault_meets_RunFlinkJobs_of_an_update",
    ),
    Mistake(
        "lose update_time",
        'update_time = outcome.update_time or olds.get("update_time")',
        'update_time = olds.get("update_time")',
        "several_properties_change_at_once",
    ),
    Mistake(
        "store a state without the status",
        '        "status": observed.status,\n',
        "",
        "a_job_begins_stopped",
    ),
    Mistake(
        "hide drift at a refresh",
        "return wire(ours) if ours is not None and each.equivalent(ours, theirs) else theirs",
        "return wire(ours) if ours is not None else theirs",
        "somebody_edits_what_is_not_touched",
    ),
    Mistake(
        "create again although an interrupted create left the job",
        "        return _continued(job, news, costs, error)",
        "        raise error",
        "a_create_is_cut_off_at_each_write",
    ),
    Mistake(
        "take somebody else's job of the same name",
        "        if not is_ours(found, news, observed):",
        "        if False:",
        "somebody_else_has_the_name",
    ),
    Mistake(
        "take the draft that another stack is about to start",
        "    if marks:\n",
        "    if False:\n",
        "another_stack_holds_a_draft_of_the_name",
    ),
    Mistake(
        "delete a new job that another has started",
        "phase_of(job.show().status) in {Phase.RUNNING, Phase.MOVING}",
        "False",
        "somebody_else_starts_the_new_job",
    ),
    Mistake(
        "restart twice for one nonce",
        "restarts = context.wanted.restarts and not _restarted_already(job, context)",
        "restarts = context.wanted.restarts",
        "a_restart_is_cut_off_at_each_write",
    ),
    Mistake(
        "go on without an engine",
        "        if not self.engine_answers():",
        "        if False:",
        "the_engine_goes",
    ),
    Mistake(
        "leave a job down that somebody else stopped",
        '        "status" in olds and not satisfies(',
        "        False and not satisfies(",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "count a destroy as done whatever the service says",
        '    except NotFoundError:\n        job.say(f"{job.name}: job {job.job_id} was gone already")',
        '    except DliError:\n        job.say(f"{job.name}: job {job.job_id} was gone already")',
        "every_fault_meets_a_destroy",
    ),
    Mistake(
        "conclude from start_time alone that a job never ran",
        "by_status = not self.tells_start and has_run(self.status)",
        "by_status = False",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "forget that a draft may have run before",
        "return Phase.STOPPED if phase is Phase.DRAFT and ever_ran(observed, stored) else phase",
        "return phase",
        "a_job_became_a_draft_again",
    ),
)
