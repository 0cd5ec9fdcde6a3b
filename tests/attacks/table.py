"""The 125 attacks by their ids: what each tries, and the tests that replay it.

A replay is `file::function` under tests/. OTHER_SYSTEM: what this system cannot run is shown by a contract test.
OUT_OF_SCOPE: documented in docs/threat-model.md as something nobody can count on.
"""

COUNTS = {"A": 20, "B": 11, "C": 12, "D": 13, "E": 16, "F": 16, "G": 6, "H": 8, "I": 11, "J": 6, "K": 6}

_CONFIG = "attacks/test_config_file.py::"
_NAME = _CONFIG + "test_hostile_name_reaches_neither_file_nor_command"
_VALUE = _CONFIG + "test_hostile_value_never_becomes_a_line_of_its_own"
_SECTIONS = _CONFIG + "test_a13_a17_a18_a19_other_sections_are_never_moved"
_FILES = _CONFIG + "test_hostile_file_system_costs_the_victim_nothing"
_LINE = "unit/awsconfig/profiles/test_process_line.py::"
_BREAKS = _LINE + "test_character_that_breaks_somewhere_is_refused"
_HOSTILE = "integration/test_hostile.py::"
_TLS = "integration/test_tls.py::"
_GET = "integration/test_get.py::"
_STRANGE = _HOSTILE + "test_strange_variables_change_nothing"
_TRAP = "unit/cache/test_store.py::test_anything_but_a_private_file_is_a_miss"
_ENTRY = "unit/cache/test_entry.py::"
_KEYS = "unit/keystores/test_stores.py::"
_ENVIRONMENT = "integration/test_environment.py::"
_STS = "unit/aws/test_sts.py::"
_ANSWER = "unit/aws/test_sts_response.py::"
_EDITOR = "unit/awsconfig/file/test_editor.py::"
_OWN = "attacks/test_replays.py::"
_THEIRS = "attacks/test_ownership.py::"
_OWNERS = "unit/system/test_ownership.py::"

TABLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "A1": ("a line feed in a name or a value", (_NAME, _VALUE)),
    "A2": ("a lone carriage return", (_NAME, _VALUE)),
    "A3": ("carriage return and line feed", (_NAME, _VALUE)),
    "A4": ("a NUL", (_NAME, _VALUE)),
    "A5": ("a closing bracket in a name", (_NAME,)),
    "A6": ("the sign of a comment in a name", (_NAME,)),
    "A7": ("a quote without its partner", (_NAME,)),
    "A8": ("a byte order mark in the middle", (_NAME,)),
    "A9": ("bytes that are not UTF-8", (_NAME,)),
    "A10": ("line separators of Unicode", (_NAME, _VALUE)),
    "A11": ("a blank in front, so that a value continues", (_NAME, _VALUE)),
    "A12": ("the names that mean default", (_NAME,)),
    "A13": ("sections that are there twice", (_SECTIONS,)),
    "A14": ("one name in two forms", (_NAME,)),
    "A15": ("a carriage return at the end that is lost on the way", (_NAME, _VALUE)),
    "A16": ("escape codes for the terminal", (_NAME, _VALUE)),
    "A17": ("a giant line, a hundred thousand sections", (_SECTIONS,)),
    "A18": ("nested blocks that an edit might move", (_SECTIONS,)),
    "A19": ("sections of other kinds", (_SECTIONS,)),
    "A20": ("interpolation", (_CONFIG + "test_a20_interpolation_is_plain_text",)),
    "B1": ("a command substitution", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B2": ("a command in backticks", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B3": ("the end of a command", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B4": ("a variable or an escape of cmd.exe", (_LINE + "test_windows_line_has_no_quotes_and_no_blanks",)),
    "B5": ("quotes", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B6": ("blanks", (_LINE + "test_path_with_a_blank_is_in_single_quotes_and_the_last_word_is_not",)),
    "B7": ("a profile that looks like an option", (_HOSTILE + "test_wrong_arguments_never_hand_out_anything",)),
    "B8": ("a new line", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B9": ("a tilde", (_BREAKS, _LINE + "test_program_without_an_absolute_path_and_empty_words_are_refused")),
    "B10": ("a backslash", (_BREAKS, _OWN + "test_word_is_never_run")),
    "B11": (
        "an odd path of installation",
        (_CONFIG + "test_b11_install_path_gets_a_line_that_all_read_alike_or_none",),
    ),
    "C1": (
        "our name in the caller's directory",
        (_LINE + "test_line_starts_this_interpreter_isolated_with_the_script_that_outlives_a_version_of_python",),
    ),
    "C2": ("modules on PYTHONPATH", (_HOSTILE + "test_project_on_pythonpath_changes_nothing",)),
    "C3": ("modules in the caller's directory", (_HOSTILE + "test_project_on_pythonpath_changes_nothing",)),
    "C4": ("a .pth file in the user's site directory", (_OWN + "test_pth_file_of_the_user_base_is_not_run",)),
    "C5": ("variables of the interpreter", (_STRANGE, _OWN + "test_home_of_another_python_changes_nothing")),
    "C6": ("a landmark file beside a Windows Python", ()),
    "C7": ("a library loaded before all others", ()),
    "C8": (
        "a program of ours in the caller's PATH",
        ("unit/mfa/test_program.py::test_bare_name_is_not_looked_for_in_the_callers_path",),
    ),
    "C9": (
        "a shared object or a file that a variable of OpenSSL names",
        (
            _ENVIRONMENT + "test_shared_object_that_openssl_would_load_does_not_run",
            _ENVIRONMENT + "test_no_file_that_a_variable_names_is_opened",
        ),
    ),
    "C10": ("a module for botocore", (_ENVIRONMENT + "test_module_that_botocore_would_import_does_not_run",)),
    "C11": (
        "sitecustomize or a folder credhelper beside what a person types",
        (_ENVIRONMENT + "test_command_of_a_person_starts_isolated",),
    ),
    "C12": (
        "a chain of profiles that a variable makes up",
        (_ENVIRONMENT + "test_chain_that_a_project_sets_is_named_with_the_way_out",),
    ),
    "D1": ("an endpoint of a stranger", (_HOSTILE + "test_endpoint_that_could_leak_is_refused",)),
    "D2": ("a log of the TLS secrets", (_TLS + "test_tls_secrets_are_not_logged",)),
    "D3": ("AWS files named by a project", (_GET + "test_two_config_files_do_not_share_an_entry",)),
    "D4": ("a profile that leads back to us", (_GET + "test_loop_through_another_program_is_refused",)),
    "D5": (
        "proxies and authorities of a stranger",
        (
            "unit/aws/explain/test_network.py::test_proxy_in_effect_is_named_without_its_password",
            "unit/aws/explain/test_network.py::test_ca_bundle_in_effect_is_named",
            _TLS + "test_authority_that_is_not_trusted_gets_nothing",
            _TLS + "test_certificate_for_another_name_gets_nothing",
        ),
    ),
    "D6": (
        "a keyring of the environment's choice",
        (
            "unit/keystores/test_keyring_package.py::test_backend_is_one_of_keyrings_own_and_never_the_environments",
            "integration/test_keyring.py::test_backend_of_the_environment_is_never_loaded",
        ),
    ),
    "D7": (
        "no home, or a relative one",
        (
            "unit/test_settings.py::test_home_that_is_missing_or_relative_is_looked_up",
            "unit/test_settings.py::test_relative_runtime_directory_is_no_runtime_directory",
        ),
    ),
    "D8": ("a hostile TMPDIR", (_STRANGE,)),
    "D9": ("keys in the environment", (_GET + "test_inherited_profile_and_keys_are_not_the_source",)),
    "D10": ("time zone, language, encoding", (_STRANGE,)),
    "D11": ("umask 000 and 777", (_HOSTILE + "test_everything_we_make_is_private_whatever_the_umask",)),
    "D12": (
        "closed standard streams",
        (
            _HOSTILE + "test_closed_stdin_or_stderr_do_not_matter",
            _HOSTILE + "test_stdout_that_takes_nothing_is_a_failure",
        ),
    ),
    "D13": ("an environment of more than 128 KB", (_OWN + "test_environment_of_a_megabyte_changes_nothing",)),
    "E1": (
        "a symlink in the place of a file of ours",
        (
            _FILES,
            _TRAP,
            _KEYS + "test_key_behind_a_symlink_or_a_hard_link_is_no_key",
            "unit/system/test_lock.py::test_trap_in_the_locks_place_does_not_cost_the_answer",
        ),
    ),
    "E2": ("a symlink that leads nowhere", (_OWN + "test_trap_costs_neither_credentials_nor_the_victim",)),
    "E3": ("a hard link to a victim", (_FILES, _TRAP, _OWN + "test_trap_costs_neither_credentials_nor_the_victim")),
    "E4": (
        "a pipe, a socket, a directory in place of an entry",
        (_FILES, _TRAP, _OWN + "test_trap_costs_neither_credentials_nor_the_victim"),
    ),
    "E5": (
        "a directory that others may write to",
        (
            _FILES,
            "unit/cache/test_store.py::test_directory_others_may_write_to_is_refused",
            "unit/cache/test_store.py::test_directory_whose_parent_others_may_write_to_is_refused_by_name",
        ),
    ),
    "E6": ("an entry of another user", (_OWN + "test_entry_of_another_owner_is_a_miss",)),
    "E7": (
        "a temporary file that is there already",
        (_FILES, _OWN + "test_trap_costs_neither_credentials_nor_the_victim"),
    ),
    "E8": ("a giant with nothing in it", (_FILES, _TRAP, _OWN + "test_trap_costs_neither_credentials_nor_the_victim")),
    "E9": ("squatting in a shared directory", (_OWN + "test_nothing_is_made_in_a_shared_directory",)),
    "E10": (
        "a config behind links, or a loop of them",
        (_FILES, _EDITOR + "test_symlink_stays_and_the_file_behind_it_is_edited"),
    ),
    "E11": (
        "a directory, a file, a mount that is read-only",
        (
            _CONFIG + "test_e11_bind_mounted_file_is_named_and_edited_in_place_when_asked",
            _HOSTILE + "test_state_that_cannot_be_written_is_only_a_miss",
        ),
    ),
    "E12": ("an immutable file", (_CONFIG + "test_e12_immutable_file_is_named",)),
    "E13": (
        "permissions that a rewrite might lose",
        (_EDITOR + "test_acl_stays_and_its_mask_does_not_become_a_group_permission",),
    ),
    "E14": ("a file system that folds case", (_OWN + "test_names_on_disk_differ_in_more_than_case",)),
    "E15": ("a path longer than the system takes", (_OWN + "test_path_that_is_too_long_costs_no_credentials",)),
    "E16": ("reads and writes cut short", (_OWN + "test_short_reads_and_writes_lose_nothing",)),
    "F1": ("any bit flipped", (_ENTRY + "test_every_flipped_bit_is_refused",)),
    "F2": ("any truncation", (_ENTRY + "test_every_truncation_is_refused",)),
    "F3": ("an extension", (_ENTRY + "test_extension_is_refused",)),
    "F4": ("two entries swapped", ("unit/cache/test_store.py::test_swapped_entries_are_misses",)),
    "F5": ("the entry of another user's cache", (_ENTRY + "test_entry_of_another_key_names_the_kid",)),
    "F6": ("the entry of another machine", (_ENTRY + "test_entry_of_another_key_names_the_kid",)),
    "F7": (
        "a wrong key id",
        (
            _ENTRY + "test_entry_of_another_key_names_the_kid",
            "unit/cache/test_entry_vectors.py::test_vector_has_its_declared_outcome",
        ),
    ),
    "F8": ("a version we do not know", (_ENTRY + "test_foreign_bytes_are_a_format_miss",)),
    "F9": ("a file of zeroes", (_OWN + "test_file_of_zeroes_is_a_miss",)),
    "F10": ("an older entry put back", (_OWN + "test_older_entry_put_back_is_served_no_longer_than_it_lives",)),
    "F11": ("a key that is gone", ("unit/cache/test_store.py::test_lost_key_is_a_miss",)),
    "F12": ("a key of another length", (_KEYS + "test_key_of_another_length_is_no_key",)),
    "F13": ("two first runs at once", (_OWN + "test_first_runs_at_once_make_one_key",)),
    "F14": ("an entry of a newer version", ("unit/cache/test_entry_vectors.py::test_vector_has_its_declared_outcome",)),
    "F15": ("two requests with one encoding", (_OWN + "test_requests_that_look_alike_have_other_identities",)),
    "F16": ("an empty plaintext", (_ENTRY + "test_nothing_empty_or_oversized_is_sealed",)),
    "G1": ("botocore's debug log", (_STS + "test_debug_logging_shows_no_secret",)),
    "G2": (
        "an error that quotes what it could not read",
        ("unit/model/test_process_document.py::test_foreign_document_is_refused_without_its_content",),
    ),
    "G3": (
        "a traceback with secrets in its frames",
        (
            "unit/model/test_process_document.py::test_credentials_show_no_secret",
            "unit/cache/test_payload.py::test_repr_of_a_payload_shows_no_document",
        ),
    ),
    "G4": ("a reader that has gone", (_HOSTILE + "test_reader_that_has_gone_is_a_quiet_failure",)),
    "G5": ("a terminal as stdout", (_HOSTILE + "test_person_at_a_terminal_gets_a_hint_instead_of_secrets",)),
    "G6": (
        "a code that is echoed or in argv",
        (
            _HOSTILE + "test_one_time_code_is_asked_at_the_terminal_and_not_shown",
            "unit/mfa/test_program.py::test_program_knows_the_device_and_gets_an_empty_stdin",
        ),
    ),
    "H1": (
        "half a document after a kill",
        ("crash/test_flight.py::test_helper_killed_at_any_moment_has_printed_all_or_nothing",),
    ),
    "H2": (
        "stderr that is not UTF-8",
        ("unit/model/test_printable.py::test_anything_becomes_one_short_line_of_utf_8",),
    ),
    "H3": ("a library that prints", (_OWN + "test_library_that_prints_does_not_reach_stdout",)),
    "H4": (
        "a carriage return before the line feed",
        (
            "unit/model/test_process_document.py::test_document_is_one_compact_line_with_the_fields_of_the_specification",
        ),
    ),
    "H5": ("success without a whole document", (_HOSTILE + "test_stdout_that_takes_nothing_is_a_failure",)),
    "H6": (
        "a closed stdin",
        (_HOSTILE + "test_closed_stdin_or_stderr_do_not_matter", _GET + "test_helper_never_reads_stdin"),
    ),
    "H7": ("a signal in the middle", (_OWN + "test_signal_frees_the_lock_and_leaves_no_debris",)),
    "H8": ("a parent that dies", (_OWN + "test_orphan_ends_and_keeps_the_answer",)),
    "I1": (
        "a page instead of an answer",
        (_STS + "test_bad_answer_is_explained_without_a_secret", _GET + "test_nonsense_from_the_network_is_explained"),
    ),
    "I2": ("an answer cut short", (_STS + "test_bad_answer_is_explained_without_a_secret",)),
    "I3": ("no expiration", (_OWN + "test_answer_that_cannot_be_right_is_refused",)),
    "I4": (
        "an expiration that cannot be right",
        (
            _ANSWER + "test_answer_that_has_expired_points_to_the_clock",
            _ANSWER + "test_answer_that_outlives_the_request_points_to_the_clock",
        ),
    ),
    "I5": ("a key id with a quote or a new line", (_OWN + "test_answer_that_cannot_be_right_is_refused",)),
    "I6": ("the credentials of another role", (_OWN + "test_answer_that_cannot_be_right_is_refused",)),
    "I7": ("entities that grow without end", (_OWN + "test_entities_that_grow_are_refused",)),
    "I8": ("an answer of 10 MB", (_STS + "test_huge_answer_is_refused",)),
    "I9": ("an answer byte by byte", ("crash/test_bounded.py::test_sts_that_answers_byte_by_byte_or_late",)),
    "I10": ("a redirection", (_OWN + "test_redirection_is_not_followed",)),
    "I11": ("a session token of more than 4 KiB", (_OWN + "test_session_token_of_five_kibibytes_comes_out_whole",)),
    "J1": ("a request that leaves out what it needs", (_HOSTILE + "test_wrong_arguments_never_hand_out_anything",)),
    "J2": ("a carriage return in a protocol of lines", (_NAME, _VALUE)),
    "J3": (
        "a secret for one host sent to another",
        (_HOSTILE + "test_endpoint_that_could_leak_is_refused", _STS + "test_endpoint_of_the_environment_has_no_say"),
    ),
    "J4": ("memory freed twice in a helper of native code", ()),
    "J5": ("a server on this machine that anybody may ask", (_OWN + "test_nothing_listens",)),
    "J6": ("errors on stdout", (_HOSTILE + "test_broken_configuration_is_explained_and_left_alone",)),
    "K1": (
        "a key that came with a project, and an entry to match",
        (
            _THEIRS + "test_planted_key_with_its_entry_is_not_served",
            _KEYS + "test_weaker_store_is_used_only_where_a_note_below_home_says_so",
            _KEYS + "test_runtime_directory_is_the_one_the_system_made",
        ),
    ),
    "K2": (
        "a full keyring, so that the key goes to disk",
        (
            _KEYS + "test_stores_that_cannot_hold_a_key_make_none_on_disk",
            _KEYS + "test_key_that_is_to_be_in_memory_is_never_put_on_a_disk",
        ),
    ),
    "K3": (
        "a directory in shared memory that was there before",
        (_KEYS + "test_directory_of_another_in_shared_memory_is_neither_read_nor_written",),
    ),
    "K4": (
        "AWS files that others may write to or own",
        (
            _THEIRS + "test_file_that_others_may_write_to_is_neither_obeyed_nor_edited",
            _OWNERS + "test_file_of_another_user_is_not_trusted_wherever_it_is_theirs",
            _OWNERS + "test_account_whose_primary_group_it_is_counts_as_a_member",
            "attacks/test_named_files.py::test_file_that_others_may_write_to_is_refused_and_found",
            "attacks/test_named_files.py::test_token_of_a_container_is_read_only_where_no_other_may_change_it",
            _OWNERS + "test_access_list_makes_the_groups_bits_somebody_elses",
        ),
    ),
    "K5": (
        "root with the home of a user",
        (_THEIRS + "test_root_with_the_home_of_another_runs_and_leaves_nothing_there",),
    ),
    "K6": (
        "a link in the directory of another account",
        (
            _THEIRS + "test_cache_behind_a_link_in_the_directory_of_another_is_not_used",
            _OWNERS + "test_link_that_another_user_may_turn_elsewhere_is_not_followed",
        ),
    ),
}

# What the red team found, by its number: replayed by the tests of the rule that holds the whole kind.
_PRINTABLE = "unit/model/test_printable.py::"
_REDACTION = "unit/model/test_redaction.py::"
_HINTS = "integration/test_hints.py::"
_REFUSALS = "unit/aws/explain/test_sts.py::"
_SESSION = "unit/aws/test_session.py::"
_NETWORK_RULES = "unit/aws/test_network_rules.py::"
_STATUS = "unit/commands/test_status.py::"
_EXHAUSTION = "crash/test_exhaustion.py::"
_MEMORY = "integration/test_memory.py::"
FINDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "R1": (
        "a project's environment that runs code in the helper",
        (
            _ENVIRONMENT + "test_shared_object_that_openssl_would_load_does_not_run",
            _ENVIRONMENT + "test_module_that_botocore_would_import_does_not_run",
            _ENVIRONMENT + "test_no_file_that_a_variable_names_is_opened",
        ),
    ),
    "R2": (
        "an authority and a proxy of a project, and the cache poisoned by them",
        (
            _SESSION + "test_bundle_that_only_a_variable_names_makes_no_client",
            _NETWORK_RULES + "test_only_what_root_alone_decides_about_is_the_systems",
            _TLS + "test_authority_that_is_not_trusted_gets_nothing",
            _STATUS + "test_way_to_aws_in_effect_is_told_without_a_password",
        ),
    ),
    "R3": (
        "a token sent where a variable points, or through a proxy in clear",
        (
            _NETWORK_RULES + "test_tokens_never_go_where_a_variable_points",
            _SESSION + "test_client_with_tokens_obeys_the_config_file_and_no_variable",
            _SESSION + "test_client_of_this_machine_has_no_proxy",
            "unit/aws/test_source_credentials.py::test_instance_metadata_is_never_asked_through_a_proxy",
        ),
    ),
    "R4": (
        "a command that is isolated after its start",
        (_ENVIRONMENT + "test_command_of_a_person_starts_isolated",),
    ),
    "R5": (
        "a key that goes to disk and stays there, or comes from a project",
        (
            _KEYS + "test_weaker_store_is_used_only_where_a_note_below_home_says_so",
            _KEYS + "test_stores_that_cannot_hold_a_key_make_none_on_disk",
            _THEIRS + "test_planted_key_with_its_entry_is_not_served",
        ),
    ),
    "R6": (
        "secrets in the words of others, and on disk",
        (
            _REDACTION + "test_labelled_value_is_dropped_in_every_notation",
            _REDACTION + "test_run_drawn_by_chance_is_dropped_in_every_alphabet",
            _REDACTION + "test_one_time_code_is_dropped",
            "unit/cache/test_failures.py::test_what_another_program_said_is_shown_once_and_not_written_down",
            _HINTS + "test_failing_source_is_quoted_to_the_one_who_met_it_and_not_on_disk",
        ),
    ),
    "R7": (
        "a neighbour's secret in a diff",
        (
            "unit/awsconfig/document/test_diff.py::test_value_of_a_secret_key_is_never_shown",
            _HINTS + "test_dry_run_shows_no_secret_of_a_neighbour",
        ),
    ),
    "R8": (
        "a config that others may write to or own",
        (
            _THEIRS + "test_file_that_others_may_write_to_is_neither_obeyed_nor_edited",
            _OWNERS + "test_file_of_another_user_is_not_trusted_wherever_it_is_theirs",
            _OWNERS + "test_account_whose_primary_group_it_is_counts_as_a_member",
        ),
    ),
    "R9": (
        "a failure of one process that is told to others",
        (
            "unit/aws/explain/test_sharing.py::test_failure_is_shared_if_it_would_be_the_next_callers_too",
            "unit/cache/test_failures.py::test_failure_of_one_process_alone_leaves_no_note",
            "unit/provider/test_circumstances.py::test_variable_that_may_have_caused_it_makes_a_failure_another",
            _GET + "test_process_without_a_network_fails_alone",
        ),
    ),
    "R10": (
        "text that a person runs, or misreads",
        (
            "unit/model/test_shell.py::test_shell_gives_back_the_value_and_runs_nothing",
            "unit/test_errors.py::test_every_value_in_a_hint_is_quoted_for_the_shell",
            _HINTS + "test_hint_of_a_refusal_runs_nothing_of_a_hostile_name",
            _REFUSALS + "test_caller_is_an_arn_wherever_it_comes_from",
            _PRINTABLE + "test_character_that_hides_or_steers_is_shown_as_its_escape",
            "unit/cli/test_output.py::test_nothing_that_hides_or_steers_reaches_a_person",
        ),
    ),
    "R11": (
        "too little of something, or an answer without end",
        (
            _EXHAUSTION + "test_few_descriptors",
            _EXHAUSTION + "test_little_memory",
            _EXHAUSTION + "test_no_room_in_any_file",
            _EXHAUSTION + "test_user_without_a_process_left_gets_credentials",
            _EXHAUSTION + "test_no_thread_costs_no_credentials",
            _EXHAUSTION + "test_answer_without_end_is_not_read_to_its_end",
            _EXHAUSTION + "test_program_that_writes_without_end_is_ended",
            _EXHAUSTION + "test_interrupt_at_any_moment_ends_without_a_traceback",
        ),
    ),
    "R12": (
        "a command that opens a secret and can be looked into",
        (
            _MEMORY + "test_no_command_can_be_looked_into_when_it_reads_its_first_file",
            _MEMORY + "test_what_starts_below_a_request_can_write_no_core_file",
        ),
    ),
    "R13": (
        "root that leaves directories of its own in the home of a user",
        (
            _THEIRS + "test_root_with_the_home_of_another_runs_and_leaves_nothing_there",
            _THEIRS + "test_looking_creates_nothing",
        ),
    ),
    "R14": (
        "absurd dates, nested notes and long chains",
        (
            _REFUSALS + "test_no_header_is_too_absurd_for_a_date",
            "unit/cache/test_failures.py::test_damaged_note_is_no_note",
            _HINTS + "test_policy_of_nested_json_is_explained",
            _HINTS + "test_chain_without_an_end_in_sight_is_explained",
        ),
    ),
    "R15": (
        "smaller ones: a chain of a variable, a second credentials file, a link to another's directory",
        (
            _ENVIRONMENT + "test_chain_that_a_project_sets_is_named_with_the_way_out",
            _GET + "test_two_credentials_files_do_not_evict_each_others_entry",
            _THEIRS + "test_cache_behind_a_link_in_the_directory_of_another_is_not_used",
        ),
    ),
    "R18": (
        "defences that could be taken out unnoticed",
        (
            _MEMORY + "test_no_command_can_be_looked_into_when_it_reads_its_first_file",
            "unit/mfa/test_terminal.py::test_what_was_typed_before_the_question_is_no_answer_to_it",
            "unit/keystores/test_kernel.py::test_key_is_readable_from_every_session_of_its_user",
            _STS + "test_bad_answer_is_explained_without_a_secret",
            _OWN + "test_library_that_prints_does_not_reach_stdout",
        ),
    ),
}

OTHER_SYSTEM = frozenset({"B4", "C6", "H4"})
OUT_OF_SCOPE = frozenset({"C6", "C7", "J4"})
