// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct TaskTimerTests {
    /// Each wait once passed through one function more than the one before, so that as many as a worker has in some hours
    /// took longer and longer, and ever more memory.
    @Test(.timeLimit(.minutes(1)))
    func sleep_howeverOften_doesNoMoreThanAtFirst() async throws {
        for _ in 0..<150_000 { try await TaskTimer.sleep(for: .zero) }
    }
}
