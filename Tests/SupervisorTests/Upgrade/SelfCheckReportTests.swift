// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

struct SelfCheckReportTests {
    private static let own = SelfCheckReport.ofThisRelease

    private static func other(layout: Int64 = own.sharedMemoryLayout, handover: Int64 = own.handover) -> SelfCheckReport
    {
        SelfCheckReport(version: "9.9", sharedMemoryLayout: layout, handover: handover)
    }

    @Test(arguments: [nil, 3])
    func report_isReadAsItWasWritten_whateverElseIsSaid(room: Int?) {
        var report = Self.own
        report.room = room
        let output = "warning: {odd}\n\(report.json)\n\n{\"no\":1}\n"
        #expect(SelfCheckReport(output: Array(output.utf8)) == report)
    }

    @Test(arguments: ["", "usage: postern", "{}", #"{"version":"1","shared_memory_layout":1}"#])
    func report_thatIsNone_isNil(output: String) {
        #expect(SelfCheckReport(output: Array(output.utf8)) == nil)
    }

    @Test func refusal_ofAnotherVersionThatSharesTheSame_isNil() {
        #expect(Self.own.refusal(of: Self.other()) == nil)
    }

    @Test(arguments: [
        other(layout: own.sharedMemoryLayout + 1), other(handover: own.handover + 1),
    ])
    func refusal_ofWhatSharesOtherThings_asksForARestart(report: SelfCheckReport) {
        #expect(Self.own.refusal(of: report)?.contains("restart") == true)
    }
}
