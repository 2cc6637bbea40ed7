// A Kafka broker in memory that speaks the real protocol, and a reader of what is sent to it.
// It prints its address, then a line for each record: topic and value in base64. It ends with its standard input.
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, os.Args[1:]...))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	reader, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(os.Args[1:]...))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cluster.ListenAddrs()[0])
	go read(reader)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func read(reader *kgo.Client) {
	for {
		reader.PollFetches(context.Background()).EachRecord(func(record *kgo.Record) {
			fmt.Println(record.Topic, base64.StdEncoding.EncodeToString(record.Value))
		})
	}
}
