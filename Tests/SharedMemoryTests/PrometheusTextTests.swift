// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import SharedMemory
import Testing

struct PrometheusTextTests {
    private func text(_ fill: (SlotMetrics, SlotMetrics) -> Void) throws -> String {
        let memory = try SharedMemory.create(slots: 2, rateLimitBytes: 0)
        fill(SlotMetrics(memory, slot: memory.slot(0)), SlotMetrics(memory, slot: memory.slot(1)))
        return PrometheusText(ScoreboardSnapshot(memory), version: "1.2", listenQueue: 4).text
    }

    @Test
    func counters_areSumsOfAllSlots() throws {
        let name = MetricName(.loginFailures, ["reason": "expired"])
        let text = try text { first, second in
            first.counter(name).add(2)
            second.counter(name).add(3)
        }
        #expect(text.contains("# TYPE login_failures_total counter\nlogin_failures_total{reason=\"expired\"} 5\n"))
    }

    @Test
    func histograms_countInEachBucketWhatIsInSmallerOnes() throws {
        let name = MetricName.requests(method: "GET", route: "/users/{id}", status: 200)
        let text = try text { first, second in
            first.histogram(name).record(nanoseconds: 400_000)
            second.histogram(name).record(nanoseconds: 500_000)
            second.histogram(name).record(nanoseconds: 20_000_000_000)
        }
        let labels = "http_request_method=\"GET\",http_route=\"/users/{id}\",http_response_status_code=\"200\""
        let family = "http_server_request_duration_seconds"
        #expect(text.contains("\(family)_bucket{\(labels),le=\"0.0005\"} 2\n"))
        #expect(text.contains("\(family)_bucket{\(labels),le=\"10.0\"} 2\n"))
        #expect(text.contains("\(family)_bucket{\(labels),le=\"+Inf\"} 3\n"))
        #expect(text.contains("\(family)_sum{\(labels)} 20.0009\n\(family)_count{\(labels)} 3\n"))
    }

    @Test
    func histograms_whenNotOfDurations_haveBucketsOfTheirOwn() throws {
        let text = try text { first, second in
            first.histogram(MetricName(.databaseBatchSize)).record(3)
            second.histogram(MetricName(.databaseBatchSize)).record(40)
            first.histogram(MetricName(.databaseDuration, ["operation": "read"])).record(nanoseconds: 100_000)
        }
        #expect(text.contains("\ndb_pipeline_batch_size_bucket{le=\"2.0\"} 0\n"))
        #expect(text.contains("\ndb_pipeline_batch_size_bucket{le=\"3.0\"} 1\n"))
        #expect(text.contains("\ndb_pipeline_batch_size_bucket{le=\"32.0\"} 1\n"))
        #expect(text.contains("\ndb_pipeline_batch_size_sum 43.0\ndb_pipeline_batch_size_count 2\n"))
        let family = "db_client_operation_duration_seconds"
        #expect(text.contains("\n\(family)_bucket{operation=\"read\",le=\"0.0001\"} 1\n"))
        #expect(text.contains("\n\(family)_sum{operation=\"read\"} 0.0001\n"))
    }

    @Test(arguments: [HistogramScale.durations, .shortDurations, .sizes])
    func scale_hasAsManyBucketsAsAHistogram_inOrder(_ scale: HistogramScale) {
        #expect(scale.bounds.count == 14 && scale.bounds == scale.bounds.sorted())
    }

    @Test
    func gauges_areOfAllWorkersThatThereAre() throws {
        let text = try text { first, second in
            for metrics in [first, second] {
                metrics.slot.prepare(generation: 1, at: MonotonicTime(nanoseconds: 1))
                metrics.slot[.openConnections] = 3
            }
            second.slot.state = .ready
        }
        #expect(text.contains("\nhttp_server_open_connections 6\n"))
        #expect(text.contains("\nworkers{state=\"starting\"} 1\nworkers{state=\"ready\"} 1\n"))
        #expect(text.contains("\nhttp_server_listen_queue_length 4\n"))
        #expect(text.contains("\nbuild_info{version=\"1.2\"} 1\n"))
    }

    @Test
    func processMetrics_areOfTheSupervisorAndOfAllWorkersTogether() throws {
        let memory = try SharedMemory.create(slots: 2, rateLimitBytes: 0)
        memory.supervisor[.openDescriptors] = 5
        memory.supervisor[.startTime] = 1000
        for index in 0..<2 {
            memory.slot(index).prepare(generation: 1, at: MonotonicTime(nanoseconds: 1))
            memory.slot(index)[.openDescriptors] = 20
        }
        let metrics = SlotMetrics(memory, slot: memory.supervisor)
        metrics.counter(MetricName(.processorTime, ["process": "worker"])).add(1_250_000_000)
        let text = PrometheusText(ScoreboardSnapshot(memory), version: "1.2", listenQueue: nil).text
        #expect(
            text.contains("\nprocess_open_fds{process=\"supervisor\"} 5\nprocess_open_fds{process=\"worker\"} 40\n")
        )
        #expect(text.contains("\nprocess_start_time_seconds{process=\"supervisor\"} 1000\n"))
        #expect(text.contains("\nprocess_cpu_seconds_total{process=\"worker\"} 1.25\n"))
    }

    @Test
    func facts_areTheLargestThatAWorkerKnows_andMissingWhileNoneDoes() throws {
        let unknown = try text { first, _ in first.slot.prepare(generation: 1, at: MonotonicTime(nanoseconds: 1)) }
        #expect(!unknown.contains("migration_version") && !unknown.contains("jwks_key_age_seconds"))
        let known = try text { first, second in
            for metrics in [first, second] { metrics.slot.prepare(generation: 1, at: MonotonicTime(nanoseconds: 1)) }
            first.slot[.migrationVersion] = 21
            first.slot[.signingKeyAge] = 7
            second.slot[.signingKeyAge] = 9
        }
        #expect(known.contains("\nmigration_version 21\n") && known.contains("\njwks_key_age_seconds 9\n"))
    }

    @Test
    func labels_areEscaped() {
        #expect(
            MetricName(.loginFailures, ["reason": "a\"b\\c\nd"]).text == #"login_failures_total{reason="a\"b\\c\nd"}"#
        )
    }
}
