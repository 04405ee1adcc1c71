// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core

/// For what cannot be undone.
struct ConfirmationOptions: ParsableArguments {
    @Flag(help: "Do not ask for confirmation.")
    var yes = false

    /// Returns when somebody said yes to `question`, which names what will be lost.
    ///
    /// - Throws: ``ExitCode`` when nobody did, or nobody is there to be asked.
    func confirm(_ question: String) throws {
        guard !yes else { return }
        guard Terminal.canAsk else {
            Terminal.message("postern: This cannot be undone, and there is no terminal to ask on; say --yes.")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        guard Terminal.ask(question) else {
            Terminal.message("nothing was changed")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
