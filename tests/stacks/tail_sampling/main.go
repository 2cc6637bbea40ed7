// Asks the OpenTelemetry tail_sampling processor itself: which traces it keeps, and by which policy.
//
//	go run . FOLDER
//
// FOLDER holds configurations.yaml (a name, and what stands under tail_sampling) and traces.jsonl (a trace a line, as
// OTLP/JSON). Written are decisions.json (for each configuration a word a trace: "+policy" kept by it, "-" not
// kept, "-policy" dropped by it) and hashes.json (which of the ids MD5("0"), MD5("1"), … a share of traces holds).
package main

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	tailsampling "github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"gopkg.in/yaml.v3"
)

const ids = 4000

var (
	shares = []float64{0.1, 10, 25, 33.3, 50, 99.9}
	salts  = []string{"", "bot logs"}
)

func main() {
	folder := os.Args[1]
	traces := readTraces(filepath.Join(folder, "traces.jsonl"))
	decisions := map[string]string{}
	for name, configuration := range readConfigurations(filepath.Join(folder, "configurations.yaml")) {
		var said []string
		for _, trace := range traces {
			// A processor of its own for each trace: every limit is untouched.
			for _, decided := range decide(configuration, trace) {
				said = append(said, decided)
			}
		}
		if len(said) != len(traces) {
			log.Fatalf("%s: %d decisions about %d traces", name, len(said), len(traces))
		}
		decisions[name] = strings.Join(said, " ")
	}
	write(filepath.Join(folder, "decisions.json"), decisions)
	write(filepath.Join(folder, "hashes.json"), hashes())
}

type hash struct {
	Salt  string  `json:"salt"`
	Share float64 `json:"share"`
	Kept  string  `json:"kept"` // a bit an id, the first id's the highest of the first byte, in hex
}

func hashes() []hash {
	traces := ptrace.NewTraces()
	for i := range ids {
		span := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(md5.Sum([]byte(strconv.Itoa(i))))
	}
	var found []hash
	for _, salt := range salts {
		for _, share := range shares {
			policy := map[string]any{"name": "share", "type": "probabilistic", "probabilistic": map[string]any{
				"sampling_percentage": share, "hash_salt": salt,
			}}
			decided := decide(map[string]any{"policies": []any{policy}}, traces)
			bits := make([]byte, ids/8)
			for i := range ids {
				if decided[md5.Sum([]byte(strconv.Itoa(i)))] == "+share" {
					bits[i/8] |= 128 >> (i % 8)
				}
			}
			found = append(found, hash{Salt: salt, Share: share, Kept: hex.EncodeToString(bits)})
		}
	}
	return found
}

// decide hands all traces to a new processor and stops it: by default it then decides what is pending.
func decide(configuration map[string]any, traces ptrace.Traces) map[pcommon.TraceID]string {
	ctx := context.Background()
	factory := tailsampling.NewFactory()
	config := factory.CreateDefaultConfig().(*tailsampling.Config)
	if err := confmap.NewFromStringMap(configuration).Unmarshal(config); err != nil {
		log.Fatal(err)
	}
	decided := map[pcommon.TraceID]string{}
	var lock sync.Mutex
	note := func(_ context.Context, id pcommon.TraceID, data *tailsampling.TraceData) {
		lock.Lock()
		defer lock.Unlock()
		sign := "-"
		if data.FinalDecision == samplingpolicy.Sampled {
			sign = "+"
		}
		decided[id] = sign + data.PolicyName
	}
	config.Options = append(config.Options, tailsampling.WithSampledHooks(note), tailsampling.WithNonSampledHooks(note))
	settings := processor.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}
	made, err := factory.CreateTraces(ctx, settings, config, consumertest.NewNop())
	must(err)
	must(made.Start(ctx, componenttest.NewNopHost()))
	copied := ptrace.NewTraces()
	traces.CopyTo(copied)
	must(made.ConsumeTraces(ctx, copied))
	must(made.Shutdown(ctx))
	return decided
}

func readConfigurations(path string) map[string]map[string]any {
	text, err := os.ReadFile(path)
	must(err)
	var found map[string]map[string]any
	must(yaml.Unmarshal(text, &found))
	return found
}

func readTraces(path string) []ptrace.Traces {
	file, err := os.Open(path)
	must(err)
	defer file.Close()
	var found []ptrace.Traces
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		read, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(lines.Bytes())
		must(err)
		found = append(found, read)
	}
	must(lines.Err())
	return found
}

func write(path string, value any) {
	text, err := json.MarshalIndent(value, "", " ")
	must(err)
	must(os.WriteFile(path, append(text, '\n'), 0o644))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
