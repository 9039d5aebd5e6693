/** The things the servers tell of, by the types written from their OpenAPI documents. */

import type { components as Hub } from "./api/hub";
import type { components as Platform } from "./api/platform";

export type Release = Platform["schemas"]["Release"];
export type Environment = Platform["schemas"]["Environment"];
export type Promotion = Platform["schemas"]["Promotion"];
export type Component = Platform["schemas"]["Component"];

/** Statuses, reasons and steps are open sets: a newer hub has more of them than this client knows. */
type Open<T, K extends keyof T> = Omit<T, K> & { [P in K]: string | Extract<T[P], null> };

/** What is shown of an integration; its config and AuthRef are left with the hub. A hub with pages says where they are. */
export type Integration = Open<
  Pick<Hub["schemas"]["IntegrationView"], "id" | "type" | "name" | "status"> & Partial<Hub["schemas"]["IntegrationView"]>,
  "status"
> & { webUrl?: string };
export type Step = Open<Hub["schemas"]["StepView"], "name" | "status" | "reason">;
export type Check = Omit<Partial<Hub["schemas"]["CheckView"]>, "status" | "reason" | "steps"> & {
  status: string;
  reason?: string | null;
  steps: readonly Step[];
};
export type Past = Partial<Hub["schemas"]["HistoryView"]>;
export type Window = Partial<Hub["schemas"]["WindowView"]>;

export interface Health {
  readonly latest: Check;
  readonly windows: readonly Window[];
  readonly history: readonly Past[];
}
