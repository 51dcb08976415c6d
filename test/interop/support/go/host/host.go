// Package host holds group members, a goroutine each; see ../../groups/host.ts for what it reads and prints.
package host

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

var printing sync.Mutex

// Say reports for one member.
func Say(member string, format string, values ...any) {
	printing.Lock()
	defer printing.Unlock()
	fmt.Printf("%d %s %s\n", time.Now().UnixMilli(), member, fmt.Sprintf(format, values...))
}

// Names is a list of partitions as reports show it.
func Names[P int32 | int](partitions map[string][]P) string {
	var names []string
	for topic, indexes := range partitions {
		for _, index := range indexes {
			names = append(names, fmt.Sprintf("%s:%d", topic, index))
		}
	}
	return strings.Join(names, ",")
}

// Start is what a member is given.
type Start struct {
	Bootstrap, Name, Group, Topic string
	Options                       map[string]string
}

// Run reads commands until stdin ends; a member lives until its context is done.
func Run(member func(context.Context, Start) error) {
	var running sync.WaitGroup
	stops := map[string]context.CancelFunc{}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		words := strings.Split(input.Text(), " ")
		if words[0] != "start" {
			stops[words[1]]()
			continue
		}
		start := Start{os.Args[1], words[1], words[2], words[3], map[string]string{}}
		for _, pair := range words[4:] {
			key, value, _ := strings.Cut(pair, "=")
			start.Options[key] = value
		}
		ctx, stop := context.WithCancel(context.Background())
		stops[start.Name] = stop
		running.Go(func() {
			if err := member(ctx, start); err != nil {
				Say(start.Name, "ended %v", err)
			}
			Say(start.Name, "closed")
		})
	}
	for _, stop := range stops {
		stop()
	}
	running.Wait()
}
