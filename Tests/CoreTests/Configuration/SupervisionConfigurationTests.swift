// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct SupervisionConfigurationTests {
    private func read(_ environment: [String: String], workers: Int = 2) throws -> SupervisionConfiguration {
        try SupervisionConfiguration(Settings(environment: environment), workers: workers)
    }

    @Test func init_whenNothingIsSet_takesTheDefaults() throws {
        let configuration = try read([:], workers: 3)
        #expect(configuration.maximumWorkers == 6)
        #expect(configuration.workerMaximumAge == .seconds(86_400))
        #expect(configuration.workerMaximumMemory == 512 << 20)
        #expect(configuration.shutdownDelay == .seconds(5))
    }

    @Test func init_whenLimitsAreZero_turnsThemOff() throws {
        let configuration = try read([
            "POSTERN_WORKER_MAX_AGE": "0s", "POSTERN_WORKER_MAX_MEMORY": "0", "POSTERN_SHUTDOWN_DELAY": "0s",
        ])
        #expect(configuration.workerMaximumAge == nil)
        #expect(configuration.workerMaximumMemory == nil)
        #expect(configuration.shutdownDelay == .zero)
    }

    @Test(arguments: [
        ("POSTERN_MAX_WORKERS", "1"), ("POSTERN_MAX_WORKERS", "513"), ("POSTERN_WORKER_MAX_AGE", "10"),
        ("POSTERN_WORKER_MAX_MEMORY", "-1"), ("POSTERN_SHUTDOWN_DELAY", "11m"),
    ])
    func init_whenAValueIsWrong_namesTheKey(key: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) { try read([key: value]) }
        #expect(error?.description.contains(key) == true)
    }
}
