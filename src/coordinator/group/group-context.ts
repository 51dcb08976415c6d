/** What the decisions of a shard work with. One per shard; passed to every function of the APIs. */
import type { Report } from '../../base/report.js';
import type { GroupSettings } from './group-settings.js';
import type { GroupTable } from './group-table.js';
import type { OffsetStore } from './offsets/offset-store.js';
import type { TopicView } from './topic-view.js';

export interface GroupContext {
  readonly groups: GroupTable;
  readonly offsets: OffsetStore;
  readonly settings: GroupSettings;
  /** The present metadata image. */
  topics(): TopicView;
  /** As java.util.UUID prints it: 36 characters. */
  randomUuid(): string;
  readonly report: Report;
}
