// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas
import Services

/// For load balancers and orchestrators.
struct HealthEndpoints {
    private let health: HealthService

    init(_ health: HealthService) {
        self.health = health
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/livez",
                "Whether the process answers. Asks nothing of the database.",
                takes: .nothing,
                gives: .ok(HealthResponse.self)
            ) { _, _ in
                HealthResponse("ok")
            },
            readiness("/readyz", "Whether the process can do its work: keys loaded, database answering, not stopping."),
            readiness("/healthz", "The same as /readyz."),
        ]
    }

    private func readiness(_ path: String, _ summary: String) -> Endpoint {
        Endpoint(.get, path, summary, takes: .nothing, gives: .ok(HealthResponse.self), errors: [.unavailable]) {
            [health] _, _ throws(DomainError) in
            try await health.checkReadiness()
            return HealthResponse("ok")
        }
    }
}
