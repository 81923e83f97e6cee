"""Lets schedules say what time it is. This step exists on one machine only.

A schedule of the template hands its function `{"time": "<aws.scheduler.scheduled-time>"}`, which AWS fills in. The emulator
(ministack 1.5.33) passes the placeholder on as it is. Without an input of its own it sends the classic scheduled event,
whose `time` is the tick: so the input is taken away.

It looks every 10 seconds for what is due, and after a pause it fires once, not once for every tick that was missed.
"""

from .stack import Stack

PLACEHOLDER = "<aws.scheduler."
# What UpdateSchedule wants back from what GetSchedule told.
KEPT = (
    "Name",
    "GroupName",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "FlexibleTimeWindow",
    "State",
    "Description",
)


def apply(stack: Stack) -> int:
    """Makes every schedule of the stack send the time of its tick."""
    scheduler, changed = stack.client("scheduler"), 0
    for found in scheduler.list_schedules(NamePrefix=f"{stack.name}-")["Schedules"]:
        schedule = scheduler.get_schedule(Name=found["Name"], GroupName=found["GroupName"])
        target = schedule["Target"]
        if PLACEHOLDER in target.get("Input", ""):
            del target["Input"]
            kept = {name: schedule[name] for name in KEPT if schedule.get(name)}
            scheduler.update_schedule(**kept, Target=target)
            changed += 1
    return changed
