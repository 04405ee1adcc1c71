// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a ``Supervisor`` is given by the program that it is part of.
package struct SupervisorConfiguration: Sendable {
    /// Where the program was started from, for an upgrade: see ``InstalledProgram``.
    package var installedProgram: String
    /// The arguments of a worker, the program's name first.
    ///
    /// After an upgrade of the file, a supervisor starts workers of another release with them.
    package var workerArguments: @Sendable (_ slot: Int, _ generation: Int) -> [String]
    /// The arguments of a program that is asked whether it could take this one's place.
    package var selfCheckArguments: [String]
    /// The arguments of the supervisor that takes this one's place, and reads its ``Handover`` from a descriptor.
    package var successorArguments: @Sendable (_ handover: Int32) -> [String]
    /// The environment of the workers; nil passes on the supervisor's own.
    package var environment: [String: String]?
    /// How many bytes the workers share for rate limits.
    package var rateLimitBytes: Int
    /// The file that holds settings besides the environment; nil when there is none.
    package var configurationFile: String?
    /// Reads the settings and checks all of them, with a copy of ``configurationFile`` at the path given.
    package var readSettings: @Sendable (_ configurationFile: String?) throws(ConfigurationError) -> SupervisorSettings

    /// What the program gives; without an `environment`, workers get the supervisor's own.
    package init(
        installedProgram: String,
        workerArguments: @escaping @Sendable (_ slot: Int, _ generation: Int) -> [String],
        selfCheckArguments: [String],
        successorArguments: @escaping @Sendable (_ handover: Int32) -> [String],
        environment: [String: String]? = nil,
        rateLimitBytes: Int = 0,
        configurationFile: String?,
        readSettings:
            @escaping @Sendable (_ configurationFile: String?) throws(ConfigurationError) -> SupervisorSettings
    ) {
        self.installedProgram = installedProgram
        self.workerArguments = workerArguments
        self.selfCheckArguments = selfCheckArguments
        self.successorArguments = successorArguments
        self.environment = environment
        self.rateLimitBytes = rateLimitBytes
        self.configurationFile = configurationFile
        self.readSettings = readSettings
    }
}
