// Group members of franz-go.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"millrace.test/groups/host"
)

var balancers = map[string]func() kgo.GroupBalancer{
	"range":              kgo.RangeBalancer,
	"sticky":             kgo.StickyBalancer,
	"cooperative-sticky": kgo.CooperativeStickyBalancer,
}

func member(ctx context.Context, start host.Start) error {
	report := func(kind string) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			host.Say(start.Name, "%s %s", kind, host.Names(partitions))
		}
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(start.Bootstrap),
		kgo.ClientID(start.Name),
		kgo.ConsumerGroup(start.Group),
		kgo.ConsumeTopics(start.Topic),
		kgo.Balancers(balancers[start.Options["balancer"]]()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(8*time.Second),
		kgo.HeartbeatInterval(200*time.Millisecond),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(report("assigned")),
		kgo.OnPartitionsRevoked(report("revoked")),
		kgo.OnPartitionsLost(report("lost")),
	)
	if err != nil {
		return err
	}
	defer client.CloseAllowingRebalance()
	for {
		fetches := client.PollRecords(ctx, 50)
		if ctx.Err() != nil {
			return nil
		}
		offsets := map[string]int64{}
		fetches.EachRecord(func(record *kgo.Record) {
			partition := fmt.Sprintf("%s:%d", record.Topic, record.Partition)
			host.Say(start.Name, "record %s %d %s", partition, record.Offset, record.Value)
			offsets[partition] = record.Offset + 1
		})
		if len(offsets) > 0 {
			if err := client.CommitRecords(ctx, fetches.Records()...); err != nil {
				host.Say(start.Name, "failed %v", err)
			} else {
				var pairs []string
				for partition, offset := range offsets {
					pairs = append(pairs, fmt.Sprintf("%s=%d", partition, offset))
				}
				host.Say(start.Name, "committed %s", strings.Join(pairs, ","))
			}
		}
		client.AllowRebalance()
	}
}

func main() { host.Run(member) }
