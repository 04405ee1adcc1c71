// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a ``Supervisor`` runs: where to listen, how many workers, and how to start one.
package struct SupervisorConfiguration: Sendable {
    package var listen: ListenAddress
    /// How many workers are kept running: 1 or more.
    package var workers: Int
    /// The file of the workers' program; `/proc/self/exe` is this very program, even when its file was replaced since.
    package var executable: String
    /// The arguments of the worker of a slot, the program's name first.
    package var workerArguments: @Sendable (_ slot: Int) -> [String]
    /// The environment of the workers; nil passes on the supervisor's own.
    package var environment: [String: String]?
    package var policy: SupervisorPolicy

    package init(
        listen: ListenAddress,
        workers: Int,
        executable: String = "/proc/self/exe",
        workerArguments: @escaping @Sendable (_ slot: Int) -> [String],
        environment: [String: String]? = nil,
        policy: SupervisorPolicy = SupervisorPolicy()
    ) {
        self.listen = listen
        self.workers = workers
        self.executable = executable
        self.workerArguments = workerArguments
        self.environment = environment
        self.policy = policy
    }
}
