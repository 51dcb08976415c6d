/** What groups want to know of the cluster's topics; the runtime reads it from the metadata image. */
export interface TopicInfo {
  /** 22 characters of URL-safe base64. */
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

export interface TopicView {
  byName(name: string): TopicInfo | undefined;
  byId(id: string): TopicInfo | undefined;
  names(): Iterable<string>;
}
