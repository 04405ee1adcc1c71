// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing
import Worker

@Suite struct ConnectionBudgetTests {
    private let budget = ConnectionBudget(workers: 2, poolSize: 4)

    @Test func budget_countsRevocations_aWorkerThatIsReplaced_andOthers() {
        #expect(budget.needed == 3 * 5 + 3)
    }

    @Test func check_allowsWhatJustFits() throws {
        try budget.check(limit: 18)
    }

    @Test(arguments: [(18, 2), (22, 2), (23, 3), (103, 19)])
    func workersThatFit_leaveRoomForOneThatIsReplaced_andOthers(limit: Int, workers: Int) {
        #expect(budget.workersThatFit(in: limit) == workers)
    }

    @Test func check_whenThereIsNoRoom_namesTheSettingsAndTheNumbers() {
        let error = #expect(throws: ConfigurationError.self) { try budget.check(limit: 17) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("POSTERN_POOL_SIZE "))
        #expect(text.contains("POSTERN_WORKERS") && text.contains("18") && text.contains("17"))
    }
}
