package model

import tea "charm.land/bubbletea/v2"

// Update implements tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case Key:
		cmd = tea.Batch(m.touch(), m.onTyped(msg))
	case tea.KeyPressMsg: // a key without a time is never alone
		cmd = tea.Batch(m.touch(), m.onTyped(Key{msg, m.typing.at}))
	case Line:
		cmd = tea.Batch(m.touch(), m.onLine(msg))
	case Rest:
		cmd = m.onRest()
	case Noise:
		cmd = m.onNoise(msg)
	case tea.PasteMsg:
		cmd = tea.Batch(m.touch(), m.onPaste(msg))
	case tea.MouseClickMsg:
		cmd = tea.Batch(m.touch(), m.onClick(msg))
	case tea.MouseWheelMsg:
		cmd = tea.Batch(m.touch(), m.onWheel(msg))
	case tea.WindowSizeMsg:
		cmd = m.onSize(msg)
	case tea.FocusMsg:
		cmd = m.onFocus(true)
	case tea.BlurMsg:
		cmd = m.onFocus(false)
	case tea.ResumeMsg:
		cmd = m.onResume()
	case Mask:
		m.mask()
	case Ended:
		cmd = m.onEnded()
	case tea.BackgroundColorMsg:
		m.Dark = msg.IsDark()
	case tea.ColorProfileMsg:
		m.setProfile(msg.Profile)
	case ticked:
		cmd = m.onTicked(msg)
	case storeChanged:
		cmd = m.onStoreChanged()
	case syncerChanged:
		cmd = m.onSyncerChanged(msg)
	case hourCounted:
		cmd = m.onHourCounted(msg)
	case insightsRead:
		cmd = m.onInsightsRead(msg)
	case pageFound:
		cmd = m.onPageFound(msg)
	case viewsKept:
		cmd = m.onViewsKept(msg)
	case remembered:
		m.onRemembered(msg)
	case viewsCounted:
		cmd = m.onViewsCounted(msg)
	case valuesCounted:
		cmd = m.onValuesCounted(msg)
	case allFound:
		cmd = m.onAllFound(msg)
	case accountRead:
		cmd = m.onAccountRead(msg)
	case detailRead:
		cmd = m.onDetailRead(msg)
	case outputsRead:
		cmd = m.onOutputsRead(msg)
	case quietPassed:
		cmd = m.onQuietPassed(msg)
	case rowRead:
		cmd = m.onRowRead(msg)
	case browserOpened:
		cmd = m.onBrowserOpened(msg)
	case jobStarted:
		cmd = m.onJobStarted(msg)
	case runChanged:
		cmd = m.onRunChanged(msg)
	case jobEnded:
		cmd = m.onJobEnded(msg)
	case jobClosed:
		cmd = m.onJobClosed(msg)
	case deskOpened:
		cmd = m.onDeskOpened(msg)
	case openJobsRead:
		cmd = m.onOpenJobsRead(msg)
	case jobsRead:
		cmd = m.onJobsRead(msg)
	case recallAnswered:
		cmd = m.onRecallAnswered(msg)
	case evidenceWritten:
		cmd = m.onEvidenceWritten(msg)
	case exported:
		cmd = m.onExported(msg)
	case copyRecorded:
		cmd = m.onCopyRecorded(msg)
	case copyOver:
		cmd = m.onCopyOver(msg)
	case personRead:
		cmd = m.onPersonRead(msg)
	case writeAsked:
		cmd = m.onWriteAsked(msg)
	case gateMoved:
		cmd = m.onGateMoved(msg)
	case planRead:
		cmd = m.onPlanRead(msg)
	case reasonChecked:
		cmd = m.onReasonChecked(msg)
	case openFound:
		cmd = m.onOpenFound(msg)
	case metadataRead:
		cmd = m.onMetadataRead(msg)
	case formSent:
		cmd = m.onFormSent(msg)
	case peopleFound:
		cmd = m.onPeopleFound(msg)
	case peopleRead:
		cmd = m.onPeopleRead(msg)
	case tourKept:
		m.onTourKept(msg)
	case timelineRead:
		cmd = m.onTimelineRead(msg)
	case linkRead:
		cmd = m.onLinkRead(msg)
	}
	m.walk()
	return m, tea.Batch(cmd, m.look(), m.keepLeft())
}
