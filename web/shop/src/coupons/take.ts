import {
  answered,
  ApiError,
  once,
  readPersonal,
  removePersonal,
  useShop,
  writePersonal,
  type Client,
} from "@millrun/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMyCoupons, type Ticket } from "./reads";

const LOOK_MS = 1_500;

export interface Take {
  /** `queued`: there is a ticket without a result yet. */
  state: "none" | "asking" | "queued" | "issued";
  failure: unknown;
  ask: () => void;
}

/** Takes a coupon of a campaign: at once, or by a ticket under high load. */
export function useTake(couponId: string): Take {
  const { client } = useShop();
  const queries = useQueryClient();
  const mine = useMyCoupons();
  const name = `ticket.${couponId}`;
  // The ticket survives a reload, after which its result is queried again.
  const [ticketId, setTicketId] = useState(() => readPersonal<string>(name));
  const ask = useMutation({
    mutationFn: async () => {
      const answer = await issue(client, couponId);
      if (!("ticket_id" in answer)) return;
      writePersonal(name, answer.ticket_id);
      setTicketId(answer.ticket_id);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["my"] }),
  });
  const ticket = useTicket(couponId, ticketId);
  const rejected = ticket.data?.status === "REJECTED" ? ticket.data : undefined;
  const owned = mine.items.some(({ coupon_id }) => coupon_id === couponId);
  const issued = owned || ticket.data?.status === "ISSUED" || (ask.isSuccess && ticketId === undefined);
  const isQueued = ticketId !== undefined && !rejected && !ticket.isError;
  return {
    state: issued ? "issued" : ask.isPending ? "asking" : isQueued ? "queued" : "none",
    failure: rejected ? new ApiError(rejected.code ?? "coupon_not_usable", 409) : (ask.error ?? ticket.error),
    ask: () => {
      removePersonal(name);
      setTicketId(undefined);
      ask.mutate();
    },
  };
}

function useTicket(couponId: string, ticketId: string | undefined) {
  const { client } = useShop();
  const path = { coupon_id: couponId, ticket_id: ticketId ?? "" };
  return useQuery({
    queryKey: ["my", "ticket", couponId, ticketId],
    enabled: ticketId !== undefined,
    queryFn: () => answered(client.GET("/api/v1/coupons/{coupon_id}/requests/{ticket_id}", { params: { path } })),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "QUEUED" ? false : LOOK_MS),
  });
}

function issue(client: Client, couponId: string) {
  return once(`issue_coupon:${couponId}`, {}, async (key) => {
    const params = { path: { coupon_id: couponId }, header: { "Idempotency-Key": key } };
    return answered<Ticket | object>(client.POST("/api/v1/coupons/{coupon_id}/issue", { params }));
  });
}
