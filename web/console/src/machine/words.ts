import type { Dictionary } from "@millrun/api";

export interface MachineWords {
  title: string;
  tabs: Record<"outbox" | "messages" | "audit" | "activity", string>;
  status: string;
  outbox: {
    type: string;
    aggregate: string;
    attempts: string;
    created: string;
    sent: string;
    payload: string;
    lastError: string;
    empty: { title: string; body: string };
    replay: { label: string; title: string; effect: (type: string) => string; confirm: string; done: string };
    replayAll: {
      label: string;
      title: string;
      which: string;
      of: Record<"FAILED" | "SENT", string>;
      from: string;
      to: string;
      effect: string;
      confirm: string;
      done: (events: number, more: boolean) => string;
    };
  };
  messages: {
    template: string;
    channel: string;
    recipient: string;
    order: string;
    retries: string;
    created: string;
    sent: string;
    lastFailure: string;
    empty: { title: string; body: string };
    retry: { label: string; title: string; effect: (recipient: string) => string; confirm: string; done: string };
  };
  audit: {
    run: string;
    running: string;
    checkedAt: string;
    good: string;
    goodBody: string;
    bad: (count: number) => string;
    badBody: string;
    subject: string;
    expected: string;
    found: string;
    invariant: string;
    explain: (invariant: string) => string;
    again: string;
  };
  activity: {
    at: string;
    by: string;
    action: string;
    subject: string;
    correlation: string;
    from: string;
    to: string;
    empty: { title: string; body: string };
  };
}

export const WORDS: Dictionary<MachineWords> = {
  en: {
    title: "System",
    tabs: { outbox: "Outbox", messages: "Messages", audit: "Audit", activity: "Activity" },
    status: "Status",
    outbox: {
      type: "Event",
      aggregate: "About",
      attempts: "Tries",
      created: "Written",
      sent: "Sent",
      payload: "Payload",
      lastError: "Last error",
      empty: {
        title: "No events",
        body: "Each event is written together with the change it reports, and published at once. Events are listed here.",
      },
      replay: {
        label: "Replay",
        title: "Replay this event",
        effect: (type) => `1 event, ${type}, is published again. Consumers that have already processed it ignore it.`,
        confirm: "Send it again",
        done: "The event is being replayed.",
      },
      replayAll: {
        label: "Replay many",
        title: "Replay many events",
        which: "Which events",
        of: { FAILED: "All failed events", SENT: "Events sent in a period" },
        from: "Sent from",
        to: "Until",
        effect:
          "They are published again, some hundreds at a time. Consumers that have already processed an event ignore it.",
        confirm: "Send them again",
        done: (events, more) => `${events} events are being replayed.` + (more ? " There are more: replay again." : ""),
      },
    },
    messages: {
      template: "Message",
      channel: "By",
      recipient: "To",
      order: "Order",
      retries: "Retries",
      created: "Since",
      sent: "Sent",
      lastFailure: "Last failure",
      empty: {
        title: "No messages",
        body: "Messages to customers and admins are listed here with their status.",
      },
      retry: {
        label: "Try again",
        title: "Try this message again",
        effect: (recipient) => `1 message is sent to ${recipient} again.`,
        confirm: "Send it again",
        done: "The message is being sent.",
      },
    },
    audit: {
      run: "Run the audit",
      running: "Every sum is being recomputed from its entries.",
      checkedAt: "Checked",
      good: "Every sum agrees",
      goodBody: "Stock, places, coupons, points, payments and counters were recomputed from their entries.",
      bad: (count) => (count === 1 ? "1 difference" : `${count} differences`),
      badBody: "A sum differs from its entries. The entries are authoritative. Report this list to a developer.",
      subject: "Subject",
      expected: "Expected",
      found: "Found",
      invariant: "Invariant",
      explain: (invariant) => invariant.replaceAll("_", " "),
      again: "Run again",
    },
    activity: {
      at: "When",
      by: "By",
      action: "Command",
      subject: "Object",
      correlation: "Correlation id",
      from: "From",
      to: "To",
      empty: {
        title: "No commands yet",
        body: "Each command of the staff is listed here with its actor and time.",
      },
    },
  },
  "zh-TW": {
    title: "系統",
    tabs: { outbox: "事件佇列", messages: "通知訊息", audit: "帳務稽核", activity: "操作紀錄" },
    status: "狀態",
    outbox: {
      type: "事件",
      aggregate: "對象",
      attempts: "嘗試次數",
      created: "寫入時間",
      sent: "送出時間",
      payload: "內容",
      lastError: "最後錯誤",
      empty: { title: "沒有等待送出的事件", body: "事件與資料異動同時寫入並立即送出，無法送出的會列在這裡。" },
      replay: {
        label: "重送",
        title: "重新送出此事件",
        effect: (type) => `將 1 個事件（${type}）重新排入佇列，已收過的接收端會略過。`,
        confirm: "重新送出",
        done: "事件已排入佇列。",
      },
      replayAll: {
        label: "批次重送",
        title: "批次重新送出事件",
        which: "事件範圍",
        of: { FAILED: "全部失敗事件", SENT: "某段期間已送出的事件" },
        from: "送出時間自",
        to: "至",
        effect: "事件會分批重新排入佇列，已收過的接收端會略過。",
        confirm: "重新送出",
        done: (events, more) => `已將 ${events} 個事件排入佇列。` + (more ? "尚有其他事件，請再次重送。" : ""),
      },
    },
    messages: {
      template: "訊息",
      channel: "管道",
      recipient: "收件人",
      order: "訂單",
      retries: "重試次數",
      created: "時間",
      sent: "送出時間",
      lastFailure: "最後失敗原因",
      empty: { title: "沒有通知訊息", body: "寄給顧客與管理員的訊息及其結果會列在這裡。" },
      retry: {
        label: "重試",
        title: "重新寄送此訊息",
        effect: (recipient) => `將再次寄送 1 則訊息給 ${recipient}。`,
        confirm: "重新寄送",
        done: "訊息寄送中。",
      },
    },
    audit: {
      run: "核對帳務",
      running: "正在由明細重新計算各項總數。",
      checkedAt: "核對時間",
      good: "所有總數相符",
      goodBody: "已由明細重新計算庫存、名額、優惠券、點數、付款與計數。",
      bad: (count) => `${count} 項差異`,
      badBody: "總數與明細不符，以明細為準。請將此清單交給開發人員。",
      subject: "對象",
      expected: "明細計算",
      found: "目前總數",
      invariant: "項目",
      explain: (invariant) => invariant.replaceAll("_", " "),
      again: "重新核對",
    },
    activity: {
      at: "時間",
      by: "操作者",
      action: "動作",
      subject: "對象",
      correlation: "關聯編號",
      from: "自",
      to: "至",
      empty: { title: "尚無操作紀錄", body: "員工的每項操作會記錄在這裡：何人、何時、做了什麼。" },
    },
  },
};
