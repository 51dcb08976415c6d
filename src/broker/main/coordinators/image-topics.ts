/** The topics of the metadata image as groups look at them. Main thread. */
import type { TopicInfo, TopicView } from '../../../coordinator/group/topic-view.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import type { TopicImage } from '../../../metadata/image/model.js';

function infoOf(topic: TopicImage | undefined): TopicInfo | undefined {
  if (topic === undefined) return undefined;
  return { id: topic.id, name: topic.name, partitions: topic.partitions.size };
}

export class ImageTopics implements TopicView {
  constructor(private readonly image: () => MetadataImage) {}

  byName(name: string): TopicInfo | undefined {
    return infoOf(this.image().topicByName(name));
  }

  byId(id: string): TopicInfo | undefined {
    return infoOf(this.image().topicById(id));
  }

  *names(): Iterable<string> {
    for (const { name } of this.image().topics.all()) yield name;
  }
}
