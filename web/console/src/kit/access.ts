import { useSigned } from "@millrun/api";

/** The user pool's groups for staff. */
export const GROUPS = ["admin", "fulfilment", "support", "viewer"] as const;
export type Group = (typeof GROUPS)[number];

/**
 * The commands that a group other than `admin` may send; all other commands are for administrators only. The API
 * decides: this list only hides buttons whose requests it would refuse.
 */
const COMMANDS: Record<Exclude<Group, "admin">, readonly string[]> = {
  fulfilment: [
    "ship_order",
    "ship_orders",
    "start_work_order",
    "update_work_step",
    "complete_work_order",
    "fail_work_order",
  ],
  support: ["cancel_order_as_admin", "change_contact_as_admin", "retry_notification"],
  viewer: [],
};

/** The areas that a group sees, and the tabs of the system area. */
const AREAS: Record<Exclude<Group, "admin" | "viewer">, readonly string[]> = {
  fulfilment: ["home", "orders", "fulfilment", "batches", "work-orders", "windows"],
  support: ["home", "orders", "customers", "money", "windows", "machine", "machine/messages"],
};

export function isStaff(groups: readonly string[]): boolean {
  return GROUPS.some((group) => groups.includes(group));
}

export function mayDo(groups: readonly string[], command: string): boolean {
  if (groups.includes("admin")) return true;
  return (["fulfilment", "support"] as const).some(
    (group) => groups.includes(group) && COMMANDS[group].includes(command),
  );
}

export function maySee(groups: readonly string[], area: string): boolean {
  if (groups.includes("admin") || groups.includes("viewer")) return true;
  return (["fulfilment", "support"] as const).some((group) => groups.includes(group) && AREAS[group].includes(area));
}

export function useMay(): (command: string) => boolean {
  const groups = useSigned()?.groups ?? [];
  return (command) => mayDo(groups, command);
}

export function useMaySee(): (area: string) => boolean {
  const groups = useSigned()?.groups ?? [];
  return (area) => maySee(groups, area);
}
