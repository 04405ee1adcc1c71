// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Supervisor
import Testing

struct SupervisorSettingsTests {
    private static let settings = SupervisorSettings(
        listen: .tcp(host: "127.0.0.1", port: 8080),
        adminListen: nil,
        workers: 2,
        maximumWorkers: 4,
        shutdownDelay: .zero,
        workerMaximumAge: nil,
        workerMaximumMemory: nil,
        logging: LoggingConfiguration(level: .info, format: .json, file: nil)
    )

    @Test func fixedSettings_whenNoneChanged_areNone() {
        var other = Self.settings
        other.workers = 3
        other.shutdownDelay = .seconds(1)
        other.workerMaximumAge = .seconds(60)
        other.workerMaximumMemory = 1
        other.logging = LoggingConfiguration(level: .debug, format: .text, file: nil)
        #expect(Self.settings.fixedSettings(changedIn: other) == [])
    }

    @Test func fixedSettings_thatChanged_areNamed() {
        var other = Self.settings
        other.listen = .tcp(host: "127.0.0.1", port: 8081)
        other.adminListen = .tcp(host: "127.0.0.1", port: 8082)
        other.maximumWorkers = 5
        other.logging = LoggingConfiguration(level: .info, format: .json, file: "/log")
        #expect(
            Self.settings.fixedSettings(changedIn: other)
                == ["POSTERN_LISTEN", "POSTERN_ADMIN_LISTEN", "POSTERN_MAX_WORKERS", "POSTERN_LOG_FILE"]
        )
    }

    @Test func policy_takesWhatIsSet() {
        var settings = Self.settings
        settings.shutdownDelay = .seconds(7)
        settings.workerMaximumAge = .seconds(60)
        settings.workerMaximumMemory = 1 << 20
        #expect(settings.policy.shutdownDelay == .seconds(7))
        #expect(settings.policy.maximumAge == .seconds(60))
        #expect(settings.policy.maximumMemory == 1 << 20)
    }
}
