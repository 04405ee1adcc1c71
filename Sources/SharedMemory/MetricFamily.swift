// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What is measured, under the name that Prometheus knows it by.
package enum MetricFamily: String, CaseIterable, Sendable {
    /// How a family behaves, in Prometheus's words.
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    // Counters and histograms, with their labels.
    /// Of `http_request_method`, `http_route` and `http_response_status_code`.
    case requestDuration = "http_server_request_duration_seconds"
    /// Of `operation`.
    case databaseDuration = "db_client_operation_duration_seconds"
    case databaseBatchSize = "db_pipeline_batch_size"
    /// Of `result`.
    case replicaReads = "db_replica_reads_total"
    case connections = "http_server_connections_total"
    case acceptErrors = "http_server_accept_errors_total"
    /// Of `grant`.
    case tokensIssued = "tokens_issued_total"
    /// Of `result`.
    case tokenVerifications = "token_verify_total"
    /// Of `result`.
    case accessDecisions = "authz_decisions_total"
    /// Of `reason`.
    case loginFailures = "login_failures_total"
    /// Of `bucket`.
    case rateLimited = "rate_limited_total"
    case rateLimitEvictions = "rate_limit_evictions_total"
    case droppedLogLines = "log_lines_dropped_total"
    /// Of `process`, in nanoseconds.
    case processorTime = "process_cpu_seconds_total"
    /// Of `reason`.
    case workerRestarts = "worker_restarts_total"
    case workerStarts = "worker_starts_total"
    /// What found no room in the shared memory.
    case overflow = "metrics_overflow_total"

    // Gauges.
    case activeRequests = "http_server_active_requests"
    case openConnections = "http_server_open_connections"
    case listenQueue = "http_server_listen_queue_length"
    /// Of `state`.
    case databaseConnections = "db_pool_connections"
    case databaseWaiting = "db_pool_waiting_statements"
    case replicaInUse = "db_replica_in_use"
    /// Of `state`.
    case workers
    case signingKeyAge = "jwks_key_age_seconds"
    case migrationVersion = "migration_version"
    /// Of `process`, as the next ones.
    case residentMemory = "process_resident_memory_bytes"
    case openDescriptors = "process_open_fds"
    case maximumDescriptors = "process_max_fds"
    case startTime = "process_start_time_seconds"
    /// Of `version`.
    case buildInfo = "build_info"

    /// How it behaves.
    package var kind: Kind {
        switch self {
        case .requestDuration, .databaseDuration, .databaseBatchSize: .histogram
        case .replicaReads, .connections, .acceptErrors, .tokensIssued, .tokenVerifications, .accessDecisions,
            .loginFailures, .rateLimited, .rateLimitEvictions, .droppedLogLines, .processorTime, .workerRestarts,
            .workerStarts, .overflow:
            .counter
        case .activeRequests, .openConnections, .listenQueue, .databaseConnections, .databaseWaiting, .replicaInUse,
            .workers, .signingKeyAge, .migrationVersion, .residentMemory, .openDescriptors, .maximumDescriptors,
            .startTime, .buildInfo:
            .gauge
        }
    }

    /// The buckets, of a histogram.
    package var scale: HistogramScale {
        switch self {
        case .databaseDuration: .shortDurations
        case .databaseBatchSize: .sizes
        default: .durations
        }
    }

    /// How many of what is counted make 1.
    var counterUnit: UInt64 {
        self == .processorTime ? 1_000_000_000 : 1
    }

    /// What it is, in one line.
    package var help: String {
        switch self {
        case .requestDuration: "Time from the head of a request to that of its answer."
        case .databaseDuration: "Time from an operation's arrival at the database thread to its answer, by kind."
        case .databaseBatchSize: "Statements sent to the database with one Sync."
        case .replicaReads: "Reads that a replica may answer, by who did or why the primary had to."
        case .connections: "Connections accepted."
        case .acceptErrors: "Connections that could not be accepted for want of resources."
        case .tokensIssued: "Access tokens issued, by grant."
        case .tokenVerifications: "Credentials checked, by result."
        case .accessDecisions: "Decisions whether a known caller may call an operation, by result."
        case .loginFailures: "Sign-ins that failed, by reason."
        case .rateLimited: "Requests refused by a rate limit, by kind of bucket."
        case .rateLimitEvictions: "Rate limits in use that were forgotten for want of room."
        case .droppedLogLines: "Lines that could not be written to the log."
        case .processorTime: "Processor time, of the supervisor and of all workers."
        case .workerRestarts: "Worker processes whose place another one took, by reason."
        case .workerStarts: "Worker processes that became ready."
        case .overflow: "Events of which the name found no room in the shared memory."
        case .activeRequests: "Requests that are being answered."
        case .openConnections: "Connections that are open."
        case .listenQueue: "Connections that wait to be accepted."
        case .databaseConnections: "Connections to the database, by state."
        case .databaseWaiting: "Statements that wait for a connection to the database."
        case .replicaInUse: "Workers whose last such read the replica answered."
        case .workers: "Worker processes, by state."
        case .signingKeyAge: "Age of the key that signs tokens."
        case .migrationVersion: "The newest migration of the database."
        case .residentMemory: "Resident memory, of the supervisor and of all workers."
        case .openDescriptors: "Open file descriptors, of the supervisor and of all workers."
        case .maximumDescriptors: "File descriptors that may be open, of the supervisor and of all workers."
        case .startTime: "When the supervisor was started, since 1970."
        case .buildInfo: "The release that runs; always 1."
        }
    }
}
