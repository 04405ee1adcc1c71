// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import Models
import SharedMemory
import Synchronization

/// Writes into a worker's slot what its API does.
final class RequestMetrics: RequestObserver {
    private struct Series: Hashable {
        let method: HTTPRequest.Method?
        let route: String?
        let status: Int
    }

    private struct Places {
        var durations: [Series: Histogram] = [:]
        var operations: [String: Int] = [:]
        var events: [APIEvent: Counter] = [:]
    }

    private let metrics: SlotMetrics
    /// Where each series is: looked for once, and from then on only here.
    private let places = Mutex(Places())

    init(_ metrics: SlotMetrics) {
        self.metrics = metrics
        // A series that begins at 0 shows its first step too.
        for grant in TokenGrant.allCases { _ = metrics.counter(APIEvent.tokensIssued(grant: grant).metricName) }
    }

    func began(_ requestID: String) -> ObservedRequest {
        let now = MonotonicTime.now()
        metrics.slot.raise(.requestsInFlight)
        return ObservedRequest(start: now, row: metrics.slot.runningRequests.begin(id: requestID, at: now))
    }

    func routed(_ request: ObservedRequest, to operation: String) {
        guard let row = request.row else { return }
        let place = places.withLock { places in
            if let known = places.operations[operation] { return Optional(known) }
            let place = metrics.operation(operation)
            places.operations[operation] = place
            return place
        }
        if let place { metrics.slot.runningRequests.setOperation(place, ofRow: row) }
    }

    func ended(_ request: ObservedRequest, method: HTTPRequest.Method?, route: String?, status: Int) {
        metrics.slot.lower(.requestsInFlight)
        if let row = request.row { metrics.slot.runningRequests.end(row: row) }
        let series = Series(method: method, route: route, status: status)
        let histogram = places.withLock { places in
            if let known = places.durations[series] { return known }
            let name = MetricName.requests(
                method: method?.rawValue ?? "_OTHER",
                route: route ?? "other",
                status: status
            )
            let histogram = metrics.histogram(name)
            places.durations[series] = histogram
            return histogram
        }
        histogram.record(nanoseconds: MonotonicTime.now().nanoseconds - request.start.nanoseconds)
    }

    func count(_ event: APIEvent) {
        let counter = places.withLock { places in
            if let known = places.events[event] { return known }
            let counter = metrics.counter(event.metricName)
            places.events[event] = counter
            return counter
        }
        counter.add()
    }
}

extension APIEvent {
    fileprivate var metricName: MetricName {
        switch self {
        case .credentialChecked(let refusal):
            MetricName(.tokenVerifications, ["result": refusal?.rawValue ?? "ok"])
        case .accessDecided(let isAllowed):
            MetricName(.accessDecisions, ["result": isAllowed ? "allowed" : "denied"])
        case .loginFailed(let code): MetricName(.loginFailures, ["reason": code.rawValue])
        case .tokensIssued(let grant): MetricName(.tokensIssued, ["grant": grant.rawValue])
        case .rateLimited(let kind): MetricName(.rateLimited, ["bucket": kind.rawValue])
        }
    }
}
