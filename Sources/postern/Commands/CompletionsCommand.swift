// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern completions`: for the shell's Tab key.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell.",
        discussion: """
              source <(postern completions bash)
              postern completions zsh > "${fpath[1]}/_postern"
              postern completions fish > ~/.config/fish/completions/postern.fish
            """
    )

    @Argument(
        help: "bash, zsh or fish.",
        completion: .list(CompletionShell.allCases.map(\.rawValue)),
        transform: { text in
            guard let shell = CompletionShell(rawValue: text) else {
                throw ValidationError("'\(text)' is none of bash, zsh and fish.")
            }
            return shell
        }
    )
    var shell: CompletionShell

    func run() throws {
        try Terminal.data(Postern.completionScript(for: shell))
    }
}
