import { answered, once, useProblemWords, useShop, useWords, type components } from "@millrun/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useMay } from "../kit/access";
import type { WorkOrder } from "./api";
import { WORDS } from "./words";

type Step = components["schemas"]["WorkStepView"];
type StepStatus = components["schemas"]["StepStatus"];

const NEXT: Record<StepStatus, readonly StepStatus[]> = { TODO: ["DOING", "DONE"], DOING: ["DONE"], DONE: ["DOING"] };

/** A step of a work order. A move can be undone, so there is no confirmation. */
export function StepCard({ order, step }: { order: WorkOrder; step: Step }) {
  const { client } = useShop();
  const words = useWords(WORDS);
  const say = useProblemWords();
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { work_order_id } = order;
  const move = useMutation({
    mutationFn: (status: StepStatus) =>
      once(`update_work_step:${work_order_id}/${step.n}`, { status }, () =>
        answered(
          client.PATCH("/api/v1/admin/work-orders/{work_order_id}/steps/{n}", {
            params: { path: { work_order_id, n: String(step.n) } },
            body: { status },
          }),
        ),
      ),
    onSuccess: async (saved) => {
      queries.setQueryData(["work-order", work_order_id], saved);
      void message.success(words.step.done(step.step_name));
      await queries.invalidateQueries({ queryKey: ["work-orders"] });
    },
    onError: (failure) => void message.error(say(failure), 8),
  });
  const canMove = order.status === "IN_PROGRESS" && may("update_work_step");
  const labels: Record<StepStatus, string> = {
    TODO: words.step.back,
    DOING: step.status === "DONE" ? words.step.back : words.step.begin,
    DONE: words.step.finish,
  };
  return (
    <article className="card">
      <strong>
        {step.n}. {step.step_name}
      </strong>
      {step.notes && <div className="muted">{step.notes}</div>}
      {canMove && (
        <div className="row-actions">
          {NEXT[step.status].map((status) => (
            <Button key={status} size="small" loading={move.isPending} onClick={() => move.mutate(status)}>
              {labels[status]}
            </Button>
          ))}
        </div>
      )}
    </article>
  );
}
