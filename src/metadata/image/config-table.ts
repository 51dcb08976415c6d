/** Dynamic configuration in a metadata image (ConfigurationsImage.java). */

const EMPTY: ReadonlyMap<string, string> = new Map();

interface ConfigChange {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly name: string;
  readonly value: string | null;
}

export interface ConfigResourceName {
  readonly type: number;
  readonly name: string;
}

export class ConfigTable {
  /** Resource type -> resource name -> key -> value. */
  readonly #resources = new Map<number, Map<string, Map<string, string>>>();

  of(type: number, name: string): ReadonlyMap<string, string> {
    return this.#resources.get(type)?.get(name) ?? EMPTY;
  }

  /** Names of the resources of a type that have at least one setting. */
  names(type: number): string[] {
    return [...(this.#resources.get(type)?.keys() ?? [])];
  }

  *all(): IterableIterator<ConfigResourceName & { readonly settings: ReadonlyMap<string, string> }> {
    for (const [type, byName] of this.#resources) {
      for (const [name, settings] of byName) yield { type, name, settings };
    }
  }

  /** A null value removes the key. */
  replay({ resourceType, resourceName, name, value }: ConfigChange): void {
    const byName = this.#resources.get(resourceType) ?? new Map<string, Map<string, string>>();
    const settings = byName.get(resourceName) ?? new Map<string, string>();
    if (value === null) settings.delete(name);
    else settings.set(name, value);
    if (settings.size === 0) byName.delete(resourceName);
    else byName.set(resourceName, settings);
    this.#resources.set(resourceType, byName);
  }

  removeAll(type: number, name: string): void {
    this.#resources.get(type)?.delete(name);
  }
}
