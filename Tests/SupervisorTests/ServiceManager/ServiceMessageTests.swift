// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

struct ServiceMessageTests {
    @Test(arguments: [
        (ServiceMessage.state(.ready, at: MonotonicTime(nanoseconds: 1)), "READY=1"),
        (.state(.stopping, at: MonotonicTime(nanoseconds: 1)), "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
    ])
    func text_beginsWithTheState(message: ServiceMessage, line: String) {
        #expect(message.text.split(separator: "\n").first == Substring(line))
    }

    @Test func text_ofAReload_tellsItsTimeInMicroseconds() {
        let text = ServiceMessage.state(.reloading, at: MonotonicTime(nanoseconds: 5_000_001_999)).text
        #expect(text.split(separator: "\n").prefix(2) == ["RELOADING=1", "MONOTONIC_USEC=5000001"])
    }
}
