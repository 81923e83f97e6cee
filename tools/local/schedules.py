"""Makes schedules pass the time of their tick; needed for the emulator only.

A schedule of the template passes its function `{"time": "<aws.scheduler.scheduled-time>"}`, in which AWS fills in the time.
The emulator (ministack 1.5.33) passes the placeholder unchanged. Without an input it sends the classic scheduled event,
whose `time` is the tick, so the input is removed.

The emulator checks every 10 seconds for due schedules, and after a pause it fires once, not once per missed tick.
"""

from .stack import Stack

PLACEHOLDER = "<aws.scheduler."
# The fields of GetSchedule that UpdateSchedule requires.
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
    """Makes every schedule of the stack pass the time of its tick."""
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
