export function types(): Promise<Record<string, string>>;
