// A Kafka broker in memory that speaks the real protocol, and a reader of what is sent to it.
// It prints its address, then a line for each record: topic and value in base64. A line of that form on its standard
// input becomes a record; it ends with its standard input.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"strings"

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
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		topic, text, _ := strings.Cut(lines.Text(), " ")
		value, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			log.Fatal(err)
		}
		if err := reader.ProduceSync(context.Background(), &kgo.Record{Topic: topic, Value: value}).FirstErr(); err != nil {
			log.Fatal(err)
		}
	}
}

func read(reader *kgo.Client) {
	for {
		reader.PollFetches(context.Background()).EachRecord(func(record *kgo.Record) {
			fmt.Println(record.Topic, base64.StdEncoding.EncodeToString(record.Value))
		})
	}
}
