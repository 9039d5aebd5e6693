import type { SourceFile } from "typescript";

export function strings(): string[];
export function bundle(): string;
export function sources(): Generator<{ name: string; text: string; source: SourceFile }>;
