// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// When workers are replaced, how many there may be, and how the service takes its leave.
///
/// Settings: `POSTERN_MAX_WORKERS`, `POSTERN_WORKER_MAX_AGE`, `POSTERN_WORKER_MAX_MEMORY`, `POSTERN_SHUTDOWN_DELAY`.
package struct SupervisionConfiguration: Sendable {
    /// How many workers there may be when signals ask for more.
    package let maximumWorkers: Int
    /// Nil for any age.
    package let workerMaximumAge: Duration?
    /// Resident bytes; nil for any size.
    package let workerMaximumMemory: Int?
    /// How long requests are still taken after SIGTERM, while the readiness check fails.
    package let shutdownDelay: Duration

    /// - Parameters:
    ///   - settings: The settings.
    ///   - workers: How many workers there are at first.
    /// - Throws: ``ConfigurationError`` for a value that is wrong.
    package init(_ settings: Settings, workers: Int) throws(ConfigurationError) {
        maximumWorkers = try settings.integer(SettingKey.maximumWorkers, in: workers...512) ?? min(512, workers * 2)
        let age = try settings.duration(SettingKey.workerMaximumAge, in: .zero ... .seconds(366 * 86_400))
        workerMaximumAge = age == .zero ? nil : age ?? .seconds(86_400)
        let mebibytes = try settings.integer(SettingKey.workerMaximumMemory, in: 0...1_048_576) ?? 512
        workerMaximumMemory = mebibytes == 0 ? nil : mebibytes << 20
        shutdownDelay = try settings.duration(SettingKey.shutdownDelay, in: .zero ... .seconds(600)) ?? .seconds(5)
    }
}
