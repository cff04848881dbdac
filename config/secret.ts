import { inspect } from "node:util";

/**
 * A text that must not be seen: it prints as `[secret]` wherever it is printed by accident (template strings,
 * `console.log`, `JSON.stringify`). `reveal()` is the only way to the text; what it returns goes into a
 * connection, wrapped by `pulumi.secret` where Pulumi gets to see it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
