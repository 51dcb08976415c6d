// Group members of sarama.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"millrace.test/groups/host"
)

var strategies = map[string]func() sarama.BalanceStrategy{
	"range":      sarama.NewBalanceStrategyRange,
	"roundrobin": sarama.NewBalanceStrategyRoundRobin,
	"sticky":     sarama.NewBalanceStrategySticky,
}

type handler struct{ name string }

func (h handler) Setup(session sarama.ConsumerGroupSession) error {
	host.Say(h.name, "assigned %s", host.Names(session.Claims()))
	return nil
}

func (h handler) Cleanup(session sarama.ConsumerGroupSession) error {
	host.Say(h.name, "revoked %s", host.Names(session.Claims()))
	return nil
}

// ConsumeClaim commits every record; sarama tells nobody whether a commit was taken, so none is reported.
func (h handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			partition := fmt.Sprintf("%s:%d", message.Topic, message.Partition)
			host.Say(h.name, "record %s %d %s", partition, message.Offset, message.Value)
			session.MarkMessage(message, "")
			session.Commit()
		case <-session.Context().Done():
			return nil
		}
	}
}

func member(ctx context.Context, start host.Start) error {
	config := sarama.NewConfig()
	config.ClientID = start.Name
	config.Version = sarama.V4_0_0_0
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Group.Session.Timeout = 8 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategies[start.Options["balancer"]]()}
	group, err := sarama.NewConsumerGroup([]string{start.Bootstrap}, start.Group, config)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		err := group.Consume(ctx, []string{start.Topic}, handler{start.Name})
		if err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
			host.Say(start.Name, "failed %v", err)
			time.Sleep(200 * time.Millisecond)
		}
	}
	return group.Close()
}

func main() { host.Run(member) }
